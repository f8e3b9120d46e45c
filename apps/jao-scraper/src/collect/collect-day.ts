import type { QualityResult } from '@sluice/schemas/expectations';
import { countRows, isOfAnotherDay, mergeAnswers, parseDayAnswer } from '@sluice/schemas/jao';
import type { AttemptOutcome, BodyRefusal } from '@sluice/schemas/jao';
import {
  compressPayload,
  hashPayload,
  PostgresError,
  releaseClaims,
} from '@sluice/warehouse/postgres';
import type { CompressedPayload } from '@sluice/warehouse/postgres';
import { setTimeout as delay } from 'node:timers/promises';

import { describeFailure } from '../source/describe-failure.ts';
import { isRetryable, retryDelayMs } from '../source/retry.ts';
import { keepDay } from '../store/keep-day.ts';
import { setAside } from '../store/set-aside.ts';
import { writeDay } from '../store/write-day.ts';
import type { AnswerBody, AnswerOfDay, AnswerPart, DayWritten } from '../store/write-day.ts';
import { askDay, closePart, reportPart } from './ask-day.ts';
import type { AnsweredAttempt, DayAnswered } from './ask-day.ts';
import { letGo, onDatabase } from './collect-context.ts';
import type { CollectContext, DayTask, TryContext } from './collect-context.ts';
import { commitOnce } from './commit-once.ts';

/** Bodies that are no data are kept as evidence up to this size. */
const maxRefusedPayloadBytes = 2 ** 20;

/** What became of a day. */
export interface DayCollected {
  readonly outcome: AttemptOutcome;
  /** Of HTTP, where the last attempt failed by it. */
  readonly status?: number | undefined;
  /** Undefined where no attempt succeeded. */
  readonly written: DayWritten | undefined;
  /** Cells of all its answers that are in quarantine, of those included that were no success. */
  readonly quarantined: number;
  /** What was asked and why that failed, on one line. */
  readonly message: string | undefined;
  /** What checks found that might have held it back. */
  readonly audited?: readonly QualityResult[] | undefined;
}

type ParsedAnswer = Pick<AnswerOfDay, 'body' | 'table'>;

/** What came of one try, and what the next one depends on. */
interface Tried extends DayCollected {
  readonly retryAfterMs?: number | undefined;
}

/**
 * Asks for one business day and stores it, trying again as long as that is worth it. Its claim is
 * let go in any case: by the transaction that stores it, or alone.
 *
 * @throws {PostgresError} where the database stays away, or refuses what no repetition mends.
 */
export async function collectDay(context: CollectContext, task: DayTask): Promise<DayCollected> {
  let isStored = false;
  try {
    const result = await tryUntilStored(context, task);
    if (result.written !== undefined) {
      isStored = true;
      context.totals.add(result.written);
    }
    return result;
  } catch (error) {
    if (context.signal.aborted) {
      return failedTry('cancelled', 'stopped on request');
    }
    throw error;
  } finally {
    if (!isStored) {
      await letGo(context, 'a claim', () => releaseClaims(context.db, [task.claim]));
    }
  }
}

async function tryUntilStored(context: CollectContext, task: DayTask): Promise<DayCollected> {
  let quarantined = 0;
  for (let tried = 1; ; tried++) {
    const trying = { ...context, isLastTry: tried >= context.maxTries };
    const answer = await askDay(trying, task);
    const result: Tried =
      'outcome' in answer
        ? { ...answer, written: undefined, quarantined: 0 }
        : await storeAnswer(trying, task, answer);
    quarantined += result.quarantined;
    if (result.written !== undefined || !isRetryable(result) || trying.isLastTry) {
      return { ...result, quarantined };
    }
    context.metrics.countRetry();
    const pauseMs = retryDelayMs({
      try: tried,
      retryAfterMs: result.retryAfterMs,
      random: Math.random,
    });
    await delay(pauseMs, undefined, { signal: context.signal });
  }
}

async function storeAnswer(
  context: TryContext,
  task: DayTask,
  attempts: DayAnswered,
): Promise<Tried> {
  const [attempt] = attempts;
  const { contract, state } = task;
  const isKnown =
    attempt.body === undefined ||
    (attempts.length === 1 &&
      // A doubtful answer may have changed cells, and its payload is not the day's.
      state?.doubt === undefined &&
      state?.payloadHash?.equals(attempt.body.sha256) === true &&
      state.contractVersion === contract.contractVersion);
  try {
    return isKnown
      ? await keep(context, task, attempt)
      : await parseAndStore(context, task, attempts);
  } catch (error) {
    if (!(error instanceof PostgresError) || error.code !== 'FENCED') {
      throw error;
    }
    for (const part of attempts) {
      await closePart(context, task, part, { outcome: 'fenced', error: error.message });
    }
    return failedTry('fenced', error.message);
  }
}

async function parseAndStore(
  context: TryContext,
  task: DayTask,
  attempts: DayAnswered,
): Promise<Tried> {
  const body = bodyOf(attempts);
  const answer = parseDayAnswer(task.contract, task.day, body.bytes);
  if (answer.kind === 'refused') {
    return refuse(context, task, attempts, answer);
  }
  const { table } = answer;
  return isOfAnotherDay(table)
    ? putAside(context, task, attempts, { body, table })
    : store(context, task, attempts, { body, table });
}

/** The day's answer as one, of however many parts; one that stands alone has its hash already. */
function bodyOf(attempts: DayAnswered): AnswerBody {
  const bodies = attempts.flatMap((part) => part.body ?? []);
  const bytes = mergeAnswers(bodies.map((body) => body.bytes));
  return bodies.find((body) => body.bytes === bytes) ?? { bytes, sha256: hashPayload(bytes) };
}

/** The day's last payload again: nothing is parsed. */
async function keep(
  context: TryContext,
  task: DayTask,
  attempt: AnsweredAttempt,
): Promise<DayCollected> {
  const outcome = attempt.body === undefined ? 'not_modified' : 'unchanged';
  const written = await commitOnce(context, attempt.attemptId, () =>
    keepDay(context.db, {
      contract: task.contract,
      datasetId: task.datasetId,
      day: task.day,
      runId: context.runId,
      claim: task.claim,
      attemptId: attempt.attemptId,
      request: attempt.request,
      payloadHash: attempt.body?.sha256,
      outcome,
    }),
  );
  reportPart(context, task, attempt, written);
  return collected(written);
}

async function refuse(
  context: TryContext,
  task: DayTask,
  attempts: DayAnswered,
  { outcome, message }: { readonly outcome: BodyRefusal; readonly message: string },
): Promise<Tried> {
  context.metrics.countRefusedBody(outcome);
  for (const attempt of attempts) {
    await closePart(context, task, attempt, {
      outcome,
      error: describeFailure(attempt.url, message),
      payload: await payloadOfRefused(attempt),
    });
  }
  const { url } = attempts.at(-1) ?? attempts[0];
  return failedTry(outcome, describeFailure(url, message));
}

/** Undefined where there is nothing to keep, or too much. */
async function payloadOfRefused({ body }: AnsweredAttempt): Promise<CompressedPayload | undefined> {
  const isKept =
    body !== undefined && body.bytes.length > 0 && body.bytes.length <= maxRefusedPayloadBytes;
  return isKept ? compressPayload(body.bytes, body.sha256) : undefined;
}

/** What came is of no use, and is kept: its rows are in quarantine. */
async function putAside(
  context: TryContext,
  task: DayTask,
  attempts: DayAnswered,
  parsed: ParsedAnswer,
): Promise<Tried> {
  context.metrics.countRefusedBody('foreign');
  const answer = answerOf(context, task, attempts, parsed);
  const error = await onDatabase(context, () => setAside(context.db, answer));
  await context.daySums?.compareAttempts(attempts.map(({ attemptId }) => attemptId));
  const { counts } = parsed.table;
  context.totals.add({ ...counts, added: 0, revised: 0, unchanged: 0 });
  for (const part of attempts) {
    const isLast = part.attemptId === answer.attemptId;
    const { quarantined } = isLast ? counts : { quarantined: 0 };
    reportPart(context, task, part, { outcome: 'foreign', error, quarantined });
  }
  return { ...failedTry('foreign', error), quarantined: counts.quarantined };
}

async function store(
  context: TryContext,
  task: DayTask,
  attempts: DayAnswered,
  parsed: ParsedAnswer,
): Promise<DayCollected> {
  const attempt = attempts.at(-1) ?? attempts[0];
  const answer = answerOf(context, task, attempts, parsed);
  const written = await commitOnce(context, attempt.attemptId, () =>
    writeDay(context.db, context.registry, {
      ...answer,
      datasetId: task.datasetId,
      audit: context.auditOf?.(task.contract),
    }),
  );
  for (const part of attempts.slice(0, -1)) {
    reportPart(context, task, part, { outcome: written.outcome });
  }
  await context.daySums?.compareAttempts(attempts.map(({ attemptId }) => attemptId));
  if (written.refusal !== undefined) {
    context.totals.add(written);
    context.metrics.countRefusedBody(written.outcome);
    reportPart(context, task, attempt, { ...written, error: written.refusal });
    const { quarantined, audited } = written;
    return { ...failedTry(written.outcome, written.refusal), quarantined, audited };
  }
  reportPart(context, task, attempt, written);
  const { attemptId } = attempt;
  const place = { dataset: task.contract.name, businessDay: task.day, attemptId };
  for (const note of written.notes) {
    context.onNotice(note, place);
  }
  for (const { kind, value } of written.newDrift) {
    context.onNotice('drift from the contract', { ...place, kind, value });
  }
  return collected(written);
}

/** The attempts for parts of a day are told as one, the last. */
function answerOf(
  { runId }: TryContext,
  { contract, day, claim }: DayTask,
  attempts: DayAnswered,
  parsed: ParsedAnswer,
): AnswerOfDay {
  const { attemptId, url, request } = attempts.at(-1) ?? attempts[0];
  const partAttemptIds = attempts.slice(0, -1).map((part) => part.attemptId);
  const parts = attempts.length === 1 ? [] : attempts.flatMap(partOf);
  return { contract, day, claim, runId, attemptId, partAttemptIds, url, parts, request, ...parsed };
}

function partOf({ url, body }: AnsweredAttempt): AnswerPart[] {
  return body === undefined ? [] : [{ url, rows: countRows(body.bytes) }];
}

function collected(written: DayWritten): DayCollected {
  const { outcome, quarantined, audited } = written;
  return { outcome, written, quarantined, message: undefined, audited };
}

function failedTry(outcome: AttemptOutcome, message: string): Tried {
  return { outcome, written: undefined, quarantined: 0, message };
}
