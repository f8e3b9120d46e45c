import { cellStates } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable } from '@sluice/schemas/jao';
import { bumpCounters } from '@sluice/warehouse/postgres';
import type { CounterStep, DriftItem, PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { writeEvents } from '../outbox/write-events.ts';
import type { RevisedCell } from '../outbox/write-events.ts';
import { epochMs } from './epoch-ms.ts';
import { copyVersions } from './copy-versions.ts';
import type { DayState } from './day-state.ts';
import type { DayDiff, LackingCell, StoredDay } from './diff-day.ts';
import type { DayRange } from './day-ranges.ts';
import { findVanishedKeys, keySetIdOf } from './key-set.ts';
import { noteDay } from './note-day.ts';
import type { SeriesRegistry } from './series-registry.ts';

/** Who listens on it learns of each stored day. */
const storedDayChannel = 'jao_day';

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
  /** Of the day as it is then; undefined where they are what they were. */
  readonly ranges: readonly DayRange[] | undefined;
  /** Called with what is known of the keys, before the stamp is taken. */
  readonly noteEvidence: (changes: KeyChanges) => Promise<EvidenceFound>;
  /**
   * Called with the stamp, as the clock is held: saves the day's state, and tells whether the day is
   * finished by it; and closes the attempt. One statement each, of which none waits for the other.
   */
  readonly finish: (
    stored: Omit<ChangesStored, 'remember' | 'isFinished'>,
  ) => readonly [Promise<boolean>, Promise<void>];
}

/** How an answer's keys differ from what was known. */
export interface KeyChanges {
  /** Keys that had no series before, of a dataset that had some. */
  readonly newKeys: readonly string[];
  /** Keys of the day before that this one lacks. */
  readonly vanishedKeys: readonly string[];
}

/** What else an answer told, and is on record. */
export interface EvidenceNoted {
  /** Entries that went to quarantine. */
  readonly quarantineEntries: number;
  /** What was never seen before of what the contract does not know. */
  readonly newDrift: readonly DriftItem[];
}

/** The same, before it is counted. */
export interface EvidenceFound extends EvidenceNoted {
  /** What is to be counted with it. */
  readonly counts: readonly CounterStep[];
}

/** What was stored of an answer's changes. */
export interface ChangesStored extends EvidenceNoted {
  /** The stamp; undefined where nothing changed. */
  readonly knownFromMs: number | undefined;
  /** The answer's set of keys; null where it has none. */
  readonly keySetId: number | null;
  /** Whether a key came that had no series before. */
  readonly hasNewKeys: boolean;
  readonly isFinished: boolean;
  /** To be called once the transaction has committed. */
  readonly remember: () => void;
}

/**
 * Stores the versions of changed cells, the ranges and the set of keys, under one stamp, and finishes the
 * day. From the stamp to the commit the dataset's clock is held, so that what can be done before it is.
 */
export async function storeChanges(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  changes: ChangesToStore,
): Promise<ChangesStored> {
  const { contract, datasetId, day, table, diff, withdrawn, before } = changes;
  const keys = keysWithCells(table, changes.stored);
  const concerned = new Set([
    ...keys,
    ...withdrawn.map((cell) => cell.key),
    ...(changes.ranges ?? []).flatMap((range) => range.keys),
  ]);
  const series = await registry.resolve(tx, contract, datasetId, [...concerned]);
  const seriesIds = keys.flatMap((key) => series.ids.get(key) ?? []);
  const keySetId = keys.length === 0 ? null : await keySetIdOf(tx, datasetId, seriesIds);
  const rememberMet = await registry.noteMet(tx, seriesIds);
  const isNewSet = keySetId !== null && keySetId !== before?.keySetId;
  const vanishedKeys = isNewSet ? await findVanishedKeys(tx, { datasetId, day, keySetId }) : [];
  const isFirstAnswer = series.madeKeys.length === series.ids.size;
  const keyChanges = { newKeys: isFirstAnswer ? [] : series.madeKeys, vanishedKeys };
  const { counts, ...noted } = await changes.noteEvidence(keyChanges);
  const found = { ...noted, keySetId, hasNewKeys: series.madeKeys.length > 0 };
  const tell = (stampMs: number | undefined) =>
    writeEvents(tx, {
      contract,
      datasetId,
      day,
      ...keyChanges,
      revised: revisedCells(changes),
      knownFromMs: stampMs,
    });
  const remember = (): void => {
    series.remember();
    rememberMet();
  };
  if (diff.versions.length === 0 && withdrawn.length === 0 && !isNewSet) {
    const stored = { ...found, knownFromMs: undefined };
    await bumpCounters(tx, counts);
    const [isFinished] = await tx.together(() => [...changes.finish(stored), tell(undefined)]);
    return { ...stored, isFinished, remember };
  }
  // From the counters on other days wait: each answer that is waited for here costs all of them.
  const [, knownFromMs] = await tx.together(() => [
    bumpCounters(tx, counts),
    moveClock(tx, changes),
  ]);
  const stored = { ...found, knownFromMs };
  const isNoted = isNewSet || changes.ranges !== undefined;
  const [isFinished] = await tx.together(() => [
    ...changes.finish(stored),
    tell(knownFromMs),
    ...(isNoted
      ? [
          noteDay(tx, {
            datasetId,
            day,
            knownFromMs,
            keySetId: isNewSet ? keySetId : undefined,
            ranges: changes.ranges ?? [],
            seriesIds: series.ids,
          }),
        ]
      : []),
  ]);
  await copyVersions(tx, {
    table,
    versions: diff.versions,
    withdrawn,
    seriesIds: series.ids,
    knownFromMs,
    attemptId: changes.attemptId,
  });
  return { ...stored, isFinished, remember };
}

/** The cells that were stored before and are other ones now, those that are withdrawn last. */
function revisedCells({ stored, diff, withdrawn }: ChangesToStore): readonly RevisedCell[] {
  const valueOf = (key: string, deliveryStartMs: number) => {
    const cell = stored.get(key)?.get(deliveryStartMs);
    return cell && { oldValue: cell.value };
  };
  return [
    ...diff.versions.flatMap(({ key, deliveryStartMs, value }) => {
      const old = valueOf(key, deliveryStartMs);
      return old === undefined
        ? []
        : [{ key, deliveryStartMs, ...old, newValue: value, withdrawn: false }];
    }),
    ...withdrawn.map(({ key, deliveryStartMs }) => ({
      key,
      deliveryStartMs,
      oldValue: valueOf(key, deliveryStartMs)?.oldValue ?? null,
      newValue: null,
      withdrawn: true,
    })),
  ];
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

/**
 * Moves a dataset's clock, and gives the stamp, in epoch milliseconds. Who listens is told with the
 * commit: region, dataset, businessDay, counts and knownFrom, as JSON.
 */
async function moveClock(
  tx: PostgresTransaction,
  { contract, datasetId, day, diff, withdrawn }: ChangesToStore,
): Promise<number> {
  const { stamp_ms: stampMs } = await tx.row(
    z.object({ stamp_ms: z.number() }),
    `update jao.clock
     set last = greatest(date_trunc('milliseconds', clock_timestamp()), last + interval '1 millisecond')
     where dataset_id = $1
     returning
       ${epochMs('last')} as stamp_ms,
       pg_notify($2, ($3::jsonb || jsonb_build_object(
         'knownFrom', to_char(last at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text)`,
    [
      datasetId,
      storedDayChannel,
      JSON.stringify({
        region: contract.region,
        dataset: contract.dataset,
        businessDay: day,
        added: diff.added,
        revised: diff.revised,
        withdrawn: withdrawn.length,
      }),
    ],
  );
  return stampMs;
}
