import { businessDayBounds, isOfAnotherDay, parseDayAnswer } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable } from '@sluice/schemas/jao';
import { PostgresError, readPayload } from '@sluice/warehouse/postgres';
import type { Queryable } from '@sluice/warehouse/postgres';

import { heldFrom, partOfHeld, readHeldCells, repeatedIn } from '../store/held-cells.ts';
import { holdBack } from '../store/hold-back.ts';
import { DayReplay } from './day-replay.ts';
import type { ReplayedAttempt } from './day-replay.ts';
import type { RecordedAttempt } from './recorded-day.ts';

/** A payload that cannot be read, or is no day: what was stored from it cannot be made again. */
export class UnreadablePayload extends Error {
  override readonly name = 'UnreadablePayload';
}

/** What `onAttempt` of {@link replayDay} is told. */
export interface ReplayStep {
  readonly attempt: RecordedAttempt;
  readonly replayed: ReplayedAttempt;
  /** As it is after the attempt. */
  readonly day: DayReplay;
}

/** How a day is replayed. */
export interface ReplayOptions {
  readonly contract: DatasetContract;
  readonly day: BusinessDay;
  readonly attempts: readonly RecordedAttempt[];
  /** Told of each attempt, in order, but of parts of one that was asked for in parts only the last. */
  readonly onAttempt?: (step: ReplayStep) => void;
  /** Told of each payload that is read. */
  readonly onPayload?: (payload: {
    readonly attempt: RecordedAttempt;
    readonly bytes: Uint8Array;
    /** Without the cells that checks held back from the attempt: these are in quarantine. */
    readonly table: DayTable;
    /** As the payload has it. */
    readonly answered: DayTable;
  }) => void;
}

/**
 * Makes a business day again from the payloads of its attempts, read under the contract as it is now.
 *
 * @throws {UnreadablePayload} a payload is not there, is damaged, or is refused by the parser.
 */
export async function replayDay(
  db: Queryable,
  { contract, day, attempts, onAttempt, onPayload }: ReplayOptions,
): Promise<DayReplay> {
  const replay = new DayReplay();
  const held = await readHeldCells(db, contract, day);
  for (const attempt of attempts) {
    if (isPart(contract, day, attempt)) {
      continue;
    }
    let replayed: ReplayedAttempt;
    if (replay.isKept(attempt)) {
      replayed = replay.keep(attempt);
    } else {
      const bytes = await readBytes(db, attempt);
      const answer = parseDayAnswer(contract, day, bytes);
      if (answer.kind === 'refused') {
        throw new UnreadablePayload(
          `the payload of attempt ${attempt.attemptId} is refused: ${answer.message}`,
        );
      }
      // What checks held back then is no data of the attempt, whatever they say now.
      const repeated = repeatedIn(answer.table, heldFrom(held, attempt));
      const table = holdBack(answer.table, repeated.map(partOfHeld));
      onPayload?.({ attempt, bytes, table, answered: answer.table });
      replayed = isOfAnotherDay(answer.table)
        ? replay.putAside(answer.table)
        : replay.take(attempt, table);
    }
    onAttempt?.({ attempt, replayed, day: replay });
  }
  return replay;
}

/** The answers for the parts of a day are merged, and kept with the last of them. */
function isPart(contract: DatasetContract, day: BusinessDay, attempt: RecordedAttempt): boolean {
  const { startMs, endMs } = businessDayBounds(contract, day);
  return (
    attempt.payloadHash === null &&
    attempt.outcome !== 'not_modified' &&
    (attempt.windowStartMs !== startMs || attempt.windowEndMs !== endMs)
  );
}

async function readBytes(db: Queryable, attempt: RecordedAttempt): Promise<Uint8Array> {
  const { attemptId, payloadHash } = attempt;
  if (payloadHash === null) {
    throw new UnreadablePayload(`attempt ${attemptId} has no payload`);
  }
  const name = `the payload ${payloadHash.toString('hex').slice(0, 12)}… of attempt ${attemptId}`;
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readPayload(db, payloadHash);
  } catch (cause) {
    if (cause instanceof PostgresError && cause.code !== 'INTERNAL') {
      throw cause;
    }
    throw new UnreadablePayload(`${name} is damaged`, { cause });
  }
  if (bytes === undefined) {
    throw new UnreadablePayload(`${name} is not there`);
  }
  return bytes;
}
