import { cellStates } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { copyVersions } from './copy-versions.ts';
import type { DayState } from './day-state.ts';
import type { DayDiff, LackingCell, StoredDay } from './diff-day.ts';
import { keySetIdOf, noteKeySet } from './key-set.ts';
import type { SeriesRegistry } from './series-registry.ts';

/** What an answer changes, and where. */
export interface ChangesToStore {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly attemptId: number;
  readonly table: DayTable;
  readonly stored: StoredDay;
  readonly diff: DayDiff;
  readonly withdrawn: readonly LackingCell[];
  readonly before: DayState | undefined;
}

/** What was stored of an answer's changes. */
export interface ChangesStored {
  /** The stamp; undefined where nothing changed. */
  readonly knownFromMs: number | undefined;
  /** The answer's set of keys; null where it has none. */
  readonly keySetId: number | null;
  /** Keys that had no series before, of a dataset that had some. */
  readonly newKeys: readonly string[];
  /** Keys of the day before that this one lacks. */
  readonly vanishedKeys: readonly string[];
  /** To be called once the transaction has committed. */
  readonly remember: () => void;
}

const nothing: ChangesStored = {
  knownFromMs: undefined,
  keySetId: null,
  newKeys: [],
  vanishedKeys: [],
  remember: () => undefined,
};

/**
 * Stores the versions of changed cells and the set of keys, under one stamp. From the stamp to the
 * commit the dataset's clock is held, so that what can be done before it is.
 */
export async function storeChanges(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  changes: ChangesToStore,
): Promise<ChangesStored> {
  const { contract, datasetId, day, table, diff, withdrawn, before } = changes;
  const keys = keysWithCells(table, changes.stored);
  const concerned = new Set([...keys, ...withdrawn.map((cell) => cell.key)]);
  const series = await registry.resolve(tx, contract, datasetId, [...concerned]);
  const seriesIds = keys.flatMap((key) => series.ids.get(key) ?? []);
  const keySetId = keys.length === 0 ? null : await keySetIdOf(tx, datasetId, seriesIds);
  const rememberMet = await registry.noteMet(tx, seriesIds);
  const isNewSet = keySetId !== null && keySetId !== before?.keySetId;
  if (diff.versions.length === 0 && withdrawn.length === 0 && !isNewSet) {
    return { ...nothing, keySetId, remember: rememberMet };
  }
  const knownFromMs = await moveClock(tx, datasetId);
  const vanishedKeys = isNewSet
    ? await noteKeySet(tx, { datasetId, day, keySetId, knownFromMs })
    : [];
  await copyVersions(tx, {
    table,
    versions: diff.versions,
    withdrawn,
    seriesIds: series.ids,
    knownFromMs,
    attemptId: changes.attemptId,
  });
  const isFirstAnswer = series.madeKeys.length === series.ids.size;
  return {
    knownFromMs,
    keySetId,
    newKeys: isFirstAnswer ? [] : series.madeKeys,
    vanishedKeys,
    remember: () => {
      series.remember();
      rememberMet();
    },
  };
}

/** A key whose cells are all in quarantine is a key of the day only where it was one before. */
function keysWithCells({ keys, rows, states }: DayTable, stored: StoredDay): readonly string[] {
  return keys.filter((key, column) =>
    rows.some((_, row) => {
      const state = states[row * keys.length + column];
      return (
        state === cellStates.value ||
        state === cellStates.null ||
        (state === cellStates.quarantined && stored.has(key))
      );
    }),
  );
}

/** Moves a dataset's clock, and gives the stamp, in epoch milliseconds. */
async function moveClock(tx: PostgresTransaction, datasetId: number): Promise<number> {
  const { stamp_ms: stampMs } = await tx.row(
    z.object({ stamp_ms: z.number() }),
    `update jao.clock
     set last = greatest(date_trunc('milliseconds', clock_timestamp()), last + interval '1 millisecond')
     where dataset_id = $1
     returning (extract(epoch from last) * 1000)::int8 as stamp_ms`,
    [datasetId],
  );
  return stampMs;
}
