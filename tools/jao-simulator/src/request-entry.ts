import type { IncomingMessage } from 'node:http';

import { businessDayOf } from './business-day.ts';
import { datasetOfPath } from './question.ts';
import type { Question } from './question.ts';
import { monotonicNowMs } from './request-log.ts';
import type { LoggedRequest } from './request-log.ts';

/** A logged request while it is being answered. */
export type RequestEntry = { -readonly [Name in keyof LoggedRequest]: LoggedRequest[Name] };

/** What is known of a request when it has just come in. */
export function createEntry({
  ordinal,
  simulatedAtMs,
  request: { method, url, headers, socket },
  path,
  question,
}: {
  readonly ordinal: number;
  readonly simulatedAtMs: number;
  readonly request: IncomingMessage;
  readonly path: string;
  readonly question: Question;
}): RequestEntry {
  const window = question.kind === 'refused' ? undefined : question.window;
  return {
    ordinal,
    atMs: monotonicNowMs(),
    simulatedAtMs,
    method: method ?? '',
    url: url ?? '/',
    path,
    dataset: datasetOfPath(path)?.name,
    fromMs: window?.fromMs,
    toMs: window?.toMs,
    businessDay: window && businessDayOf(window.fromMs),
    status: undefined,
    fault: undefined,
    isContentFault: false,
    isRateLimited: false,
    userAgent: headers['user-agent'],
    acceptEncoding: headers['accept-encoding'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    remotePort: socket.remotePort,
  };
}
