import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';

import type { Fault } from './fault.ts';
import { emptyAnswerText, planBody, planJson, planProblem } from './planned-answer.ts';
import type { PlannedAnswer } from './planned-answer.ts';
import { retryAfterText } from './rate-limit.ts';
import { planRedirect } from './redirect-fault.ts';

const daySeconds = 86_400;

const maintenancePage = `<!DOCTYPE html>
<html><head><title>Maintenance</title></head>
<body><h1>The Publication Tool is under maintenance</h1></body></html>
`;

const retryAfterForm = {
  http_429_seconds: 'seconds',
  http_429_date: 'date',
  http_429_none: 'none',
  http_429_absurd: 'absurd',
} as const;

/** Bodies of answers that succeed by their status. */
const jsonBodies: Readonly<Partial<Record<Fault['kind'], string>>> = {
  error_object: '{"error":"An unexpected error occurred."}',
  empty_body: '',
  empty_array: '[]',
  json_null: 'null',
  empty_object: '{}',
  data_null: '{"data":null,"rejected":false,"messages":null}',
  data_object: '{"data":{},"rejected":false,"messages":null}',
  rejected: '{"data":[],"rejected":true,"messages":["The request was rejected."]}',
};

export interface FaultQuestion {
  readonly fault: Fault;
  readonly request: IncomingMessage;
  /** The true answer, uncompressed and whole. */
  readonly plain: () => PlannedAnswer;
  readonly wantsGzip: boolean;
  readonly strayOrigin: string;
}

/** The answer of a fault that is sound HTTP with a body of moderate size; `undefined` for the others. */
export function planFault(question: FaultQuestion): PlannedAnswer | undefined {
  const { fault } = question;
  const json = jsonBodies[fault.kind];
  if (json !== undefined) return planJson(json, {});
  return (
    planStatus(fault) ?? planRedirect(question) ?? planBodyFault(question) ?? planHeader(question)
  );
}

function planStatus({ kind, seconds = 1 }: Fault): PlannedAnswer | undefined {
  switch (kind) {
    case 'http_429_seconds':
    case 'http_429_date':
    case 'http_429_none':
    case 'http_429_absurd': {
      const after = retryAfterText(retryAfterForm[kind], seconds * 1000);
      return planProblem(
        429,
        'Too many requests.',
        after === undefined ? {} : { 'retry-after': after },
      );
    }
    case 'http_400_range':
      return planProblem(400, 'The requested range is too long.');
    case 'http_403':
    case 'http_404':
    case 'http_500':
    case 'http_502':
    case 'http_503':
    case 'http_504':
      return planProblem(Number(kind.slice('http_'.length)), 'This is a fault on demand.');
    default:
      return undefined;
  }
}

function planBodyFault({ fault, plain, wantsGzip }: FaultQuestion): PlannedAnswer | undefined {
  switch (fault.kind) {
    case 'html_page':
      return planBody(Buffer.from(maintenancePage), { contentType: 'text/html; charset=utf-8' });
    case 'no_content':
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    case 'invalid_utf8':
      return withBody(plain(), (body) => spliceAfter(body, '"dateTimeUtc":"', [0xff, 0xfe]));
    case 'value_nan':
      return withBody(plain(), (body) => Buffer.from(writeNan(body.toString())));
    case 'truncated_clean': {
      const { headers, body } = plain();
      const half = body.subarray(0, Math.floor(body.length / 2));
      const contentType = headers['content-type'] ?? 'application/json';
      return planBody(half, { contentType, wantsGzip });
    }
    case 'gzip_truncated':
      return withEncoding(plain(), (body) => {
        const packed = gzipSync(body);
        return packed.subarray(0, Math.floor(packed.length / 2));
      });
    case 'gzip_damaged':
      return withEncoding(plain(), (body) => {
        const packed = gzipSync(body);
        // The checksum is in the last eight bytes.
        packed[packed.length - 8] = (packed.at(-8) ?? 0) ^ 0xff;
        return packed;
      });
    case 'double_gzip':
      return withEncoding(plain(), (body) => gzipSync(gzipSync(body)));
    case 'wrong_content_encoding':
      return withEncoding(plain(), (body) => body);
    case 'unknown_content_encoding':
      return withEncoding(plain(), (body) => body, 'x-unknown');
    default:
      return undefined;
  }
}

function planHeader({ fault, request, plain }: FaultQuestion): PlannedAnswer | undefined {
  const { seconds = -daySeconds } = fault;
  switch (fault.kind) {
    case 'unasked_304':
      return { status: 304, headers: {}, body: Buffer.alloc(0) };
    case 'etag_changed':
      return withHeaders(plain(), { etag: `W/"${Date.now().toString(16)}-changed"` });
    case 'etag_unchanged': {
      const etag = request.headers['if-none-match'];
      return etag === undefined
        ? plain()
        : { status: 304, headers: { etag }, body: Buffer.alloc(0) };
    }
    case 'wrong_date':
      return withHeaders(plain(), { date: new Date(Date.now() + seconds * 1000).toUTCString() });
    default:
      return undefined;
  }
}

function withHeaders(answer: PlannedAnswer, headers: Record<string, string>): PlannedAnswer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function withBody(answer: PlannedAnswer, change: (body: Buffer) => Buffer): PlannedAnswer {
  return { ...answer, body: change(answer.body) };
}

function withEncoding(
  answer: PlannedAnswer,
  pack: (body: Buffer) => Buffer,
  encoding = 'gzip',
): PlannedAnswer {
  return withHeaders(withBody(answer, pack), { 'content-encoding': encoding });
}

/** `bytes` into the first string after `marker`, or where a document without rows begins. */
function spliceAfter(body: Buffer, marker: string, bytes: readonly number[]): Buffer {
  const at = Math.max(0, body.indexOf(marker));
  const end = at === 0 ? 0 : at + marker.length;
  return Buffer.concat([body.subarray(0, end), Buffer.from(bytes), body.subarray(end)]);
}

/** NaN for the first number behind a key; a document without rows gets a row. */
function writeNan(text: string): string {
  return text.startsWith('{"data":[]')
    ? emptyAnswerText.replace('[]', '[{"id":1,"value":NaN}]')
    : text.replace(/(Z",".*?":)[^,}]+/, '$1NaN');
}
