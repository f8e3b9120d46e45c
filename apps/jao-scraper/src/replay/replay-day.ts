import { businessDayBounds, isOfAnotherDay, parseDayAnswer } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable } from '@sluice/schemas/jao';
import { PostgresError, readPayload } from '@sluice/warehouse/postgres';
import type { Queryable } from '@sluice/warehouse/postgres';

import { heldFrom, partOfHeld, readHeldCells, repeatedIn } from '../store/held-cells.ts';
import type { Answer, HeldCell } from '../store/held-cells.ts';
import { holdBack } from '../store/hold-back.ts';
import { DayReplay } from './day-replay.ts';
import type { ReplayedAttempt, ReplayedRelease } from './day-replay.ts';
import type { RecordedAttempt } from './recorded-day.ts';
import { isAnswerOfEntry } from './released-answers.ts';
import type { ReleasedAnswer } from './released-answers.ts';
import { CellReleases } from './released-cells.ts';
import type { CellRelease } from './released-cells.ts';

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

/** What `onRelease` of {@link replayDay} is told. */
export interface ReleaseStep extends CellRelease {
  readonly released: ReplayedRelease;
  /** As it is after the release. */
  readonly day: DayReplay;
}

/** How a day is replayed. */
export interface ReplayOptions {
  readonly contract: DatasetContract;
  readonly day: BusinessDay;
  readonly attempts: readonly RecordedAttempt[];
  /** Answers among them that were refused as a whole and released. @default none */
  readonly released?: readonly ReleasedAnswer[] | undefined;
  /** Entries that are released now, after all attempts. @default none */
  readonly releasing?: ReadonlySet<number> | undefined;
  /** Told of each attempt, in order, but of parts of one that was asked for in parts only the last. */
  readonly onAttempt?: (step: ReplayStep) => void;
  /** Told of each release, of cells or of a whole answer, in order with the attempts. */
  readonly onRelease?: (step: ReleaseStep) => void;
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

/** A business day, made again. */
export interface DayReplayed {
  readonly day: DayReplay;
  /**
   * The entries of `releasing` that the last answer has: their cell with the value that was held back, or
   * their whole answer.
   */
  readonly releasable: ReadonlySet<number>;
}

/**
 * Makes a business day again from the payloads of its attempts, read under the contract as it is now,
 * and from what people let through of what checks held back.
 *
 * @throws {UnreadablePayload} a payload is not there, is damaged, or is refused by the parser.
 */
export async function replayDay(
  db: Queryable,
  { contract, day, attempts, released = [], releasing = new Set(), ...told }: ReplayOptions,
): Promise<DayReplayed> {
  const replay = new DayReplay();
  const held = await readHeldCells(db, contract, day);
  const releases = new CellReleases(held, releasing);
  // Of the payloads that the source may be said to have given last.
  const answers = new Map<number, Answer>();
  const releasable = new Set<number>();
  let lastAnsweredId = 0;
  const lastAnswer = (): Answer | undefined => answers.get(replay.lastRead?.attemptId ?? -1);
  const release = (each: CellRelease): void => {
    const answer = lastAnswer();
    if (answer !== undefined) {
      const still = releases.heldAfter(each, replay.lastAttempt?.attemptId ?? -1);
      const released = replay.release(withoutHeld(answer, still));
      told.onRelease?.({ ...each, released, day: replay });
    }
  };
  for (const attempt of attempts) {
    if (isPart(contract, day, attempt)) {
      continue;
    }
    releases.takeBefore(attempt).forEach(release);
    if (attempt.isReleased) {
      const answer = await readAnswer(db, { contract, day, attempt });
      for (const each of released.filter((other) => other.attempt === attempt)) {
        if (isAnswerOfEntry(each) && attempt.attemptId > lastAnsweredId) {
          releasable.add(each.quarantineId);
        }
      }
      const table = withoutHeld(
        answer,
        held.filter(({ state }) => state === 'discarded'),
      );
      told.onPayload?.({ attempt, ...answer, table, answered: answer.table });
      const taken = replay.take(attempt, table);
      answers.set(attempt.attemptId, answer);
      forgetOthers(answers, replay);
      const knownFromMs = attempt.knownFromMs ?? undefined;
      told.onRelease?.({ knownFromMs, released: taken, day: replay });
      continue;
    }
    lastAnsweredId = attempt.attemptId;
    let replayed: ReplayedAttempt;
    if (replay.isKept(attempt)) {
      replayed = replay.keep(attempt);
    } else {
      const answer = await readAnswer(db, { contract, day, attempt });
      // What checks held back then is no data of the attempt, whatever they say now.
      const table = withoutHeld(answer, heldFrom(held, attempt));
      told.onPayload?.({ attempt, ...answer, table, answered: answer.table });
      if (isOfAnotherDay(answer.table)) {
        replayed = replay.putAside(answer.table);
      } else {
        replayed = replay.take(attempt, table);
        answers.set(attempt.attemptId, answer);
        forgetOthers(answers, replay);
      }
    }
    told.onAttempt?.({ attempt, replayed, day: replay });
  }
  releases.takeRest().forEach(release);
  const answer = lastAnswer();
  const repeated = answer === undefined ? [] : repeatedIn(answer, releases.releasing);
  for (const { quarantineId } of repeated) {
    releasable.add(quarantineId);
  }
  return { day: replay, releasable };
}

function withoutHeld(answer: Answer, held: readonly HeldCell[]): DayTable {
  return holdBack(answer.table, repeatedIn(answer, held).map(partOfHeld));
}

function forgetOthers(answers: Map<number, Answer>, { lastRead, payloadOf }: DayReplay): void {
  for (const attemptId of answers.keys()) {
    if (attemptId !== lastRead?.attemptId && attemptId !== payloadOf?.attemptId) {
      answers.delete(attemptId);
    }
  }
}

async function readAnswer(
  db: Queryable,
  {
    contract,
    day,
    attempt,
  }: {
    readonly contract: DatasetContract;
    readonly day: BusinessDay;
    readonly attempt: RecordedAttempt;
  },
): Promise<Answer> {
  const bytes = await readBytes(db, attempt);
  const answer = parseDayAnswer(contract, day, bytes);
  if (answer.kind === 'refused') {
    throw new UnreadablePayload(
      `the payload of attempt ${attempt.attemptId} is refused: ${answer.message}`,
    );
  }
  return { bytes, table: answer.table };
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
