import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** A whole HTTP answer before it is sent. */
export interface PlannedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The envelope of every answer. */
export const emptyAnswerText = '{"data":[],"rejected":false,"messages":null}';

/** An answer of JSON, compressed when the client takes that. */
export function planJson(
  text: string,
  { status = 200, wantsGzip = false }: { readonly status?: number; readonly wantsGzip?: boolean },
): PlannedAnswer {
  return planBody(Buffer.from(text), {
    status,
    wantsGzip,
    contentType: 'application/json; charset=utf-8',
  });
}

export function planBody(
  plain: Buffer,
  {
    status = 200,
    wantsGzip = false,
    contentType,
  }: { readonly status?: number; readonly wantsGzip?: boolean; readonly contentType: string },
): PlannedAnswer {
  const headers = { 'content-type': contentType };
  return wantsGzip
    ? {
        status,
        headers: { ...headers, 'content-encoding': 'gzip' },
        body: gzipSync(plain, { level: 1 }),
      }
    : { status, headers, body: plain };
}

/** A refusal as the service's web framework writes it. */
export function planProblem(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): PlannedAnswer {
  const problem = { title: titles.get(status) ?? 'Error', status, detail };
  return {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(problem)),
  };
}

/** Sends a whole answer with its true length. */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: PlannedAnswer,
): void {
  const hasBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    ...headers,
    ...(hasBody ? { 'content-length': String(body.length) } : {}),
  });
  response.end(hasBody ? body : undefined);
}

const titles = new Map([
  [400, 'Bad Request'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
]);
