import { isOfAnotherDay } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable } from '@sluice/schemas/jao';
import { holdClaim } from '@sluice/warehouse/postgres';
import type { Claim, PostgresDatabase, PostgresTransaction } from '@sluice/warehouse/postgres';

import { readAttempts } from '../replay/recorded-day.ts';
import { replayDay } from '../replay/replay-day.ts';
import { readDayRow, readKeySets, readVersions } from '../replay/stored-record.ts';
import { stepOfCells } from '../store/day-step.ts';
import type { SeriesRegistry } from '../store/series-registry.ts';
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
): Promise<{ readonly result: DayReparsed; readonly remember: () => void }> {
  const { contract, datasetId, day, claim } = input;
  // In a statement of its own: what follows must see what the day's last holder committed.
  await holdClaim(tx, claim);
  const attempts = await readAttempts(tx, contract, day);
  const stored = await readVersions(tx, contract, { datasetId, day });
  const keySets = await readKeySets(tx, datasetId, day);
  const row = await readDayRow(tx, datasetId, day);
  const isEmptied = stored.length === 0 && attempts.some(({ knownFromMs }) => knownFromMs !== null);
  const missing = new MissingVersions(stored, isEmptied ? [] : (keySets.at(-1)?.keys ?? []));
  const found: QuarantineOfAttempt[] = [];
  let table: DayTable | undefined;
  const replay = await replayDay(tx, {
    contract,
    day,
    attempts,
    onPayload: (payload) => {
      table = isOfAnotherDay(payload.table) ? table : payload.table;
      found.push({ attempt: payload.attempt, parts: payload.table.quarantined });
    },
    onAttempt: ({ attempt, day: state }) => {
      if (isEmptied && attempt.knownFromMs !== null) {
        missing.bringTo(state, attempt.knownFromMs);
      }
    },
  });
  missing.bringTo(replay, undefined);
  if (replay.lastAttempt !== undefined) {
    missing.withdrawUnknown(replay, table, replay.lastAttempt.attemptId);
  }
  // Its counters come before the clock, as where a day is collected: else two days wait for each other.
  const quarantine = await replayQuarantine(tx, { ...input, found });
  const { stampsMs, remember } = await storeMissing(tx, registry, {
    contract,
    datasetId,
    day,
    stored,
    missing,
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
    isEmptied && versions > 0
      ? 'rebuilt'
      : stampsMs.length + quarantine.replayed + quarantine.added > 0
        ? 'corrected'
        : 'unchanged';
  return { result: { kind, versions, quarantine }, remember };
}
