import { businessDayBounds, stepMinutes } from '@sluice/schemas/jao';
import { closeAttempt, openAttempt, pauseOrigin } from '@sluice/warehouse/postgres';
import type { AttemptEnd } from '@sluice/warehouse/postgres';

import { fetchDay } from '../source/fetch-day.ts';
import type { OpenAttempt } from '../source/fetch-day.ts';
import { parseHttpDate } from '../source/http-date.ts';
import { isRetryable } from '../source/retry.ts';
import type { FailedRequest, SentRequest, SourceAnswer } from '../source/source-answer.ts';
import type { TimeWindow } from '../source/split-window.ts';
import { windowParameters, windowUrl } from '../source/window-url.ts';
import type { DayState } from '../store/day-state.ts';
import type { AnswerBody, RequestFacts } from '../store/write-day.ts';
import { onDatabase } from './collect-context.ts';
import type { DayTask, TryContext } from './collect-context.ts';
import { takeTurn } from './pace.ts';

const minuteMs = 60_000;

/** An attempt on record. */
interface Attempt {
  readonly attemptId: number;
  readonly url: string;
}

/** An attempt that was answered, and is still open: whoever stores its answer closes it. */
export interface AnsweredAttempt extends Attempt {
  readonly request: RequestFacts;
  /** Undefined where the service says that nothing has changed. */
  readonly body: AnswerBody | undefined;
}

/** What there is to tell of an attempt when it ends. */
type EndedAttempt = Omit<AnsweredAttempt, 'body' | 'url'>;

/** A day's answer: of one attempt or, where the length of the window was refused, of several, in order. */
export type DayAnswered = readonly [AnsweredAttempt, ...AnsweredAttempt[]];

/** Asks for a day once. What failed is closed when this returns. */
export async function askDay(
  context: TryContext,
  task: DayTask,
): Promise<DayAnswered | FailedRequest> {
  const { contract, day } = task;
  const { startMs, endMs } = businessDayBounds(contract, day);
  const answered: AnsweredAttempt[] = [];
  const last = await fetchDay(context.source, {
    path: contract.path,
    fromMs: startMs,
    toMs: endMs,
    stepMs: stepMinutes(contract, day) * minuteMs,
    ...validatorsOf(task),
    signal: context.signal,
    attempt: (window) => openRecorded(context, task, { window, answered }),
  });
  const [first, ...others] = answered;
  if (last.outcome === 'answered' || last.outcome === 'not_modified') {
    return first === undefined ? noAnswer() : [first, ...others];
  }
  for (const part of answered) {
    await closePart(context, task, part, {
      outcome: last.outcome,
      error: `answered, and not stored, as another part of the day failed: ${last.message}`,
    });
  }
  return last;
}

/** Puts a request on record, and each that a redirect leads to; of these the last one has the answer. */
async function openRecorded(
  context: TryContext,
  task: DayTask,
  { window, answered }: { readonly window: TimeWindow; readonly answered: AnsweredAttempt[] },
): Promise<OpenAttempt> {
  const { contract } = task;
  const { href: url } = windowUrl(context.source.origin, { path: contract.path, ...window });
  let attempt: Attempt | undefined = await openPart(context, task, { window, url });
  let followed = 0;
  return {
    follow: async (redirect) => {
      const left = attempt;
      attempt = undefined;
      followed += 1;
      if (left !== undefined) {
        const request = factsOf(redirect.sent);
        await closePart(context, task, { ...left, request }, { outcome: 'redirected' });
      }
      attempt = await openPart(context, task, {
        window,
        url: withoutForeignParameters(redirect.url),
      });
    },
    close: async (answer) => {
      context.metrics.observeRequest({ dataset: contract.name, answer });
      if (attempt === undefined) {
        // Stopped before it had leave to follow a redirect.
        return;
      }
      const ended = { ...attempt, request: factsOfAnswer(answer, followed) };
      if (answer.outcome === 'answered' || answer.outcome === 'not_modified') {
        answered.push({ ...ended, body: answer.outcome === 'answered' ? answer : undefined });
      } else {
        await closeFailed(context, task, ended, answer);
      }
    },
  };
}

/** By what the service can tell that it has nothing new; another reading, or a second look, needs the bytes. */
function validatorsOf({ contract, state }: DayTask): {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
} {
  return state?.contractVersion === contract.contractVersion && state.doubt === undefined
    ? { etag: state.etag ?? undefined, lastModified: strongDate(state) }
    : {};
}

/**
 * A date tells two versions apart only where they are not of one second: it must be older than the
 * request that was answered with it, by more than the clocks of both sides differ (RFC 9110 §8.8.2.2).
 */
function strongDate({ lastModified }: DayState): string | undefined {
  if (lastModified === undefined) {
    return undefined;
  }
  const { text, askedAtMs } = lastModified;
  const modifiedMs = parseHttpDate(text, askedAtMs);
  return modifiedMs !== undefined && modifiedMs < askedAtMs - minuteMs ? text : undefined;
}

function noAnswer(): never {
  throw new RangeError('what was answered is on record');
}

async function openPart(
  context: TryContext,
  { contract, day }: DayTask,
  { window, url }: { readonly window: TimeWindow; readonly url: string },
): Promise<Attempt> {
  await takeTurn(context);
  const { origin } = context.source;
  const attemptId = await onDatabase(context, () =>
    openAttempt(context.db, {
      runId: context.runId,
      dataset: contract.name,
      businessDay: day,
      windowStartMs: window.fromMs,
      windowEndMs: window.toMs,
      origin,
      url,
      contractVersion: contract.contractVersion,
    }),
  );
  return { attemptId, url };
}

/** Of a URL that the service has chosen: what it added to ours may be a secret. */
function withoutForeignParameters(url: URL): string {
  const shown = new URL(url);
  for (const name of new Set(url.searchParams.keys())) {
    if (!windowParameters.includes(name)) {
      shown.searchParams.set(name, '***');
    }
  }
  return shown.href;
}

async function closeFailed(
  context: TryContext,
  task: DayTask,
  attempt: EndedAttempt,
  answer: FailedRequest,
): Promise<void> {
  const { outcome, retryAfterMs } = answer;
  if (retryAfterMs !== undefined && retryAfterMs > 0) {
    // What one process is told to wait holds for all of them.
    const pause = await onDatabase(context, () =>
      pauseOrigin(context.db, context.source.origin, retryAfterMs),
    );
    context.pause.notePause(pause);
  }
  await closePart(context, task, attempt, { outcome, retryAfterMs, error: answer.message });
}

/** Ends an attempt that stores nothing. */
export async function closePart(
  context: TryContext,
  task: DayTask,
  part: EndedAttempt,
  end: Pick<AttemptEnd, 'outcome' | 'error' | 'retryAfterMs' | 'payload'>,
): Promise<void> {
  const { attemptId, request } = part;
  await onDatabase(context, () => closeAttempt(context.db, { attemptId, ...request, ...end }));
  reportPart(context, task, part, end);
}

/** Tells of an attempt that has ended. */
export function reportPart(
  context: TryContext,
  task: DayTask,
  { attemptId, request }: EndedAttempt,
  end: Pick<AttemptEnd, 'outcome' | 'error' | 'added' | 'revised' | 'withdrawn' | 'quarantined'>,
): void {
  context.onAttempt({
    attemptId,
    dataset: task.contract.name,
    businessDay: task.day,
    outcome: end.outcome,
    status: request.httpStatus,
    // As the ledger has it.
    durationMs: Math.ceil(request.durationMs ?? 0),
    bytes: request.decodedBytes ?? 0,
    added: end.added ?? 0,
    revised: end.revised ?? 0,
    withdrawn: end.withdrawn ?? 0,
    quarantined: end.quarantined ?? 0,
    message: end.error,
    isAskedAgain:
      !context.isLastTry && isRetryable({ outcome: end.outcome, status: request.httpStatus }),
  });
}

/** What is known of an answer; `followed` are the redirects before it, which are attempts of their own. */
function factsOfAnswer(answer: SourceAnswer, followed: number): RequestFacts {
  const isAnswered = answer.outcome === 'answered' || answer.outcome === 'not_modified';
  return {
    ...factsOf(answer.requests[followed]),
    httpStatus: answer.status,
    decodedBytes: answer.decodedBytes,
    etag: isAnswered ? answer.etag : undefined,
    lastModified: isAnswered ? answer.lastModified : undefined,
  };
}

/** Undefined where it was stopped before it was sent. */
function factsOf(sent: SentRequest | undefined): RequestFacts {
  const { status: httpStatus, durationMs = 0, wireBytes = 0 } = sent ?? {};
  return { httpStatus, durationMs, wireBytes };
}
