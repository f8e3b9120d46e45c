import { isOfAnotherDay } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable } from '@sluice/schemas/jao';
import { holdClaim, lockQuarantined } from '@sluice/warehouse/postgres';
import type { Claim, PostgresDatabase, PostgresTransaction } from '@sluice/warehouse/postgres';

import { readAttempts } from '../replay/recorded-day.ts';
import { withReleasedAnswers } from '../replay/released-answers.ts';
import { replayDay } from '../replay/replay-day.ts';
import type { DayReplay } from '../replay/day-replay.ts';
import { readDayRow, readKeySets, readQuarantine, readVersions } from '../replay/stored-record.ts';
import type { StoredDayRow, StoredKeySet, StoredVersion } from '../replay/stored-record.ts';
import { stepOfCells } from '../store/day-step.ts';
import type { SeriesRegistry } from '../store/series-registry.ts';
import { AnsweredParts } from './answered-parts.ts';
import { MissingVersions } from './missing-versions.ts';
import { replayQuarantine } from './replay-quarantine.ts';
import type { QuarantineOfAttempt, QuarantineReplayed } from './replay-quarantine.ts';
import { restoreDayState } from './restore-day-state.ts';
import { storeMissing } from './store-missing.ts';

/** A business day that is to be read again. */
export interface DayToReparse {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly claim: Claim;
  readonly runId: string;
  /** Who has entries of quarantine replayed that can be read now. */
  readonly by: string;
}

/** What became of a day. */
export interface DayReparsed {
  readonly kind: 'rebuilt' | 'corrected' | 'unchanged';
  /** Versions of cells. */
  readonly versions: number;
  readonly quarantine: QuarantineReplayed;
}

/**
 * Reads the payloads of a business day again, under the contract of today, and stores in one transaction
 * what differs.
 *
 * Of a day that has versions, what differs is a correction, which we learn now: it has a new stamp, and
 * names the attempt whose payload says so. A day that had versions and has none any more gets them back,
 * with the stamps of its attempts; only what no attempt had stored at its time is learned now.
 *
 * May be repeated: the second time there is nothing to do.
 *
 * @throws {PostgresError} `FENCED` where the claim was taken over: then nothing is stored.
 * @throws {UnreadablePayload} where a payload is missing or damaged: then nothing is stored.
 */
export async function reparseDay(
  db: PostgresDatabase,
  registry: SeriesRegistry,
  input: DayToReparse,
): Promise<DayReparsed> {
  const { result, remember } = await db.transaction((tx) => reparseIn(tx, registry, input));
  remember();
  return result;
}

async function reparseIn(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  input: DayToReparse,
): Promise<Pick<DayStored, 'result' | 'remember'>> {
  const again = await readDayAgain(tx, input);
  return storeDayAgain(tx, registry, again);
}

/** A business day as its payloads give it now, and what is missing from what is stored. */
export interface DayReadAgain extends Pick<DayToReparse, 'contract' | 'datasetId' | 'day'> {
  readonly replay: DayReplay;
  readonly row: StoredDayRow | undefined;
  readonly stored: readonly StoredVersion[];
  readonly keySets: readonly StoredKeySet[];
  readonly missing: MissingVersions;
  /** Whether the day had versions, and has lost them all. */
  readonly isEmptied: boolean;
  /** The entries to be released whose cell the last answer has, with the value that was held back. */
  readonly releasable: ReadonlySet<number>;
  readonly quarantine: QuarantineReplayed;
}

/**
 * Takes the day's lock, reads its payloads, and brings its quarantine to what they have; stores no
 * version yet. Its counters come before the clock, as where a day is collected: else two days wait for
 * each other.
 */
export async function readDayAgain(
  tx: PostgresTransaction,
  input: DayToReparse & { readonly releasing?: ReadonlySet<number> },
): Promise<DayReadAgain> {
  const { contract, datasetId, day, claim, releasing } = input;
  // In a statement of its own: what follows must see what the day's last holder committed.
  await holdClaim(tx, claim);
  await lockOpenEntries(tx, input);
  const { attempts, released } = await withReleasedAnswers(
    tx,
    input,
    await readAttempts(tx, contract, day),
    releasing,
  );
  const stored = await readVersions(tx, contract, { datasetId, day });
  const keySets = await readKeySets(tx, datasetId, day);
  const row = await readDayRow(tx, datasetId, day);
  const isEmptied = stored.length === 0 && attempts.some(({ knownFromMs }) => knownFromMs !== null);
  const missing = new MissingVersions(stored, isEmptied ? [] : (keySets.at(-1)?.keys ?? []));
  const bringBack = (state: DayReplay, knownFromMs: number | null | undefined): void => {
    if (isEmptied && typeof knownFromMs === 'number') {
      missing.bringTo(state, knownFromMs);
    }
  };
  const found: QuarantineOfAttempt[] = [];
  const answered = new AnsweredParts();
  let table: DayTable | undefined;
  const { day: replay, releasable } = await replayDay(tx, {
    contract,
    day,
    attempts,
    released,
    releasing,
    onPayload: (payload) => {
      table = isOfAnotherDay(payload.table) ? table : payload.table;
      found.push({ attempt: payload.attempt, parts: payload.table.quarantined });
      answered.takePayload(payload.table);
    },
    onAttempt: ({ attempt, replayed, day: state }) => {
      if (state.isWhole && replayed.outcome !== 'foreign') {
        answered.takeWhole(attempt.attemptId);
      }
      bringBack(state, attempt.knownFromMs);
    },
    onRelease: ({ knownFromMs, day: state }) => {
      if (state.isWhole && state.lastAttempt !== undefined) {
        answered.takeWhole(state.lastAttempt.attemptId);
      }
      bringBack(state, knownFromMs);
    },
  });
  missing.bringTo(replay, undefined);
  if (replay.lastAttempt !== undefined) {
    missing.withdrawUnknown(replay, table, replay.lastAttempt.attemptId);
  }
  const quarantine = await replayQuarantine(tx, { ...input, releasing, found, answered });
  const read = { replay, row, stored, keySets, missing, isEmptied, releasable, quarantine };
  return { contract, datasetId, day, ...read };
}

/** Any of them may become data: who discards one at this moment comes before that, or after. */
async function lockOpenEntries(
  tx: PostgresTransaction,
  { contract, day }: Pick<DayToReparse, 'contract' | 'day'>,
): Promise<void> {
  const entries = await readQuarantine(tx, contract, day);
  const open = entries.filter(({ state }) => state === 'open');
  await lockQuarantined(
    tx,
    open.map(({ quarantineId }) => quarantineId),
  );
}

/** What was stored of a day that was read again. */
export interface DayStored {
  readonly result: DayReparsed;
  /** The newest stamp that was given; undefined where nothing was missing. */
  readonly stampMs: number | undefined;
  /** To be called once the transaction has committed. */
  readonly remember: () => void;
}

/** Stores what is missing of a day, and what the day is then. */
export async function storeDayAgain(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  again: DayReadAgain,
): Promise<DayStored> {
  const { contract, datasetId, day, stored, keySets, missing, replay, row, quarantine } = again;
  const { stampsMs, remember } = await storeMissing(tx, registry, {
    contract,
    datasetId,
    day,
    stored,
    missing,
    lastEndedAtMs: replay.lastAttempt?.endedAtMs,
  });
  const isSaid =
    row !== undefined &&
    (row.contractVersion ?? contract.contractVersion) === contract.contractVersion;
  if (stampsMs.length > 0 || !isSaid) {
    const known = [...stored, ...keySets].map(({ knownFromMs }) => knownFromMs);
    const stamps = [...known, ...stampsMs].toSorted((left, right) => left - right);
    await restoreDayState(tx, {
      contract,
      datasetId,
      day,
      replay,
      cells: missing.size,
      step: contract.stepIsAssumed ? stepOfCells(contract, day, missing.cells) : undefined,
      firstKnownFromMs: stamps.at(0),
      lastKnownFromMs: stamps.at(-1),
    });
  }
  const versions = missing.versions.length;
  const kind =
    again.isEmptied && versions > 0
      ? 'rebuilt'
      : stampsMs.length + quarantine.replayed + quarantine.added > 0
        ? 'corrected'
        : 'unchanged';
  return { result: { kind, versions, quarantine }, stampMs: stampsMs.at(-1), remember };
}
