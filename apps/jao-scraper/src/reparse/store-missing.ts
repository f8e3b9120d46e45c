import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { CopyBinaryEncoder, PostgresError } from '@sluice/warehouse/postgres';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { writeEvents } from '../outbox/write-events.ts';
import type { RevisedCell } from '../outbox/write-events.ts';
import { epochMs } from '../store/epoch-ms.ts';
import { rangesOfVersions } from '../replay/ranges-of-versions.ts';
import { readVersions } from '../replay/stored-record.ts';
import type { StoredVersion } from '../replay/stored-record.ts';
import { microsecondsOf, observationColumns, observationTable } from '../store/copy-versions.ts';
import { roundedMs } from '../store/held-cells.ts';
import { keySetIdOf } from '../store/key-set.ts';
import { noteDay } from '../store/note-day.ts';
import type { SeriesRegistry } from '../store/series-registry.ts';
import type { MissingVersion, MissingVersions } from './missing-versions.ts';

/** What was stored. */
export interface MissingStored {
  /** The stamps, ascending. */
  readonly stampsMs: readonly number[];
  /** To be called once the transaction has committed. */
  readonly remember: () => void;
}

/**
 * Stores what is missing of a day: with the stamp that it brings along, or with a new one. The clock
 * never shows less than any of them, so that the horizon holds for what was there before.
 *
 * @throws {PostgresError} `INTERNAL` where not all of it is there then.
 */
export async function storeMissing(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  {
    contract,
    datasetId,
    day,
    stored,
    missing,
    lastEndedAtMs,
  }: {
    readonly contract: DatasetContract;
    readonly datasetId: number;
    readonly day: BusinessDay;
    readonly stored: readonly StoredVersion[];
    readonly missing: MissingVersions;
    /** When the last attempt for the day ended. */
    readonly lastEndedAtMs: number | undefined;
  },
): Promise<MissingStored> {
  const { versions, keySets } = missing;
  if (versions.length + keySets.length === 0) {
    return { stampsMs: [], remember: () => undefined };
  }
  const keys = new Set([
    ...versions.map(({ key }) => key),
    ...keySets.flatMap((keySet) => keySet.keys),
    ...stored.map(({ key }) => key),
  ]);
  const series = await registry.resolve(tx, contract, datasetId, [...keys]);
  const keySetIds: number[] = [];
  for (const keySet of keySets) {
    const seriesIds = keySet.keys.flatMap((key) => series.ids.get(key) ?? []);
    keySetIds.push(await keySetIdOf(tx, datasetId, seriesIds));
  }
  const carriedMs = [...versions, ...keySets].flatMap(({ knownFromMs }) => knownFromMs ?? []);
  const hasNew = carriedMs.length < versions.length + keySets.length;
  // What is new comes after the last attempt, also where both are of one millisecond.
  const earlierMs = [
    ...carriedMs,
    ...(hasNew && lastEndedAtMs !== undefined ? [lastEndedAtMs + roundedMs] : []),
  ];
  const nowMs = await moveClock(tx, datasetId, {
    earlierMs:
      earlierMs.length === 0 ? undefined : earlierMs.reduce((left, right) => Math.max(left, right)),
    hasNew,
  });
  await tx.copyIn(observationTable, observationColumns, encode(versions, series.ids, nowMs));
  const counted = stored.length + versions.length;
  const there = (await readVersions(tx, contract, { datasetId, day })).length;
  if (there !== counted) {
    throw new PostgresError(
      'INTERNAL',
      `${contract.name} ${day}: ${there} versions stored, ${counted} counted; nothing of the day was changed. ` +
        'Rows never just vanish: run jao-scraper verify on it',
    );
  }
  const stamps = [...versions, ...keySets].map(({ knownFromMs }) => knownFromMs ?? nowMs);
  const stampsMs = [...new Set(stamps)].toSorted((left, right) => left - right);
  const all = [
    ...stored,
    ...versions.map((version) => ({ ...version, knownFromMs: version.knownFromMs ?? nowMs })),
  ];
  const history = rangesOfVersions(contract, day, all);
  for (const knownFromMs of stampsMs) {
    const set = keySets.findIndex((keySet) => (keySet.knownFromMs ?? nowMs) === knownFromMs);
    await noteDay(tx, {
      datasetId,
      day,
      knownFromMs,
      keySetId: keySetIds[set],
      ranges: history.find((known) => known.knownFromMs === knownFromMs)?.ranges ?? [],
      seriesIds: series.ids,
    });
  }
  const revised = correctedCells(stored, versions);
  const newKeys = series.madeKeys.length === series.ids.size ? [] : series.madeKeys;
  const place = { contract, datasetId, day, knownFromMs: nowMs };
  await writeEvents(tx, { ...place, revised, newKeys, vanishedKeys: [] });
  return { stampsMs, remember: series.remember };
}

/** The cells that were stored before and are learned to be other ones, those that are withdrawn last. */
function correctedCells(
  stored: readonly StoredVersion[],
  versions: readonly MissingVersion[],
): readonly RevisedCell[] {
  // In order of their stamps, so that the newest of a cell stays.
  const newest = new Map(stored.map((version) => [cellName(version), version.value]));
  const corrected = versions.flatMap((version) => {
    const { key, deliveryStartMs, value, withdrawn, knownFromMs } = version;
    const oldValue = newest.get(cellName(version));
    return oldValue === undefined || knownFromMs !== undefined
      ? []
      : [{ key, deliveryStartMs, oldValue, newValue: value, withdrawn }];
  });
  return [
    ...corrected.filter(({ withdrawn }) => !withdrawn),
    ...corrected.filter(({ withdrawn }) => withdrawn),
  ];
}

function cellName({
  key,
  deliveryStartMs,
}: Pick<StoredVersion, 'key' | 'deliveryStartMs'>): string {
  return `${key}\n${deliveryStartMs}`;
}

/** Gives the clock's new time, which is a stamp where `hasNew`, and newer than all that came before. */
async function moveClock(
  tx: PostgresTransaction,
  datasetId: number,
  { earlierMs, hasNew }: { readonly earlierMs: number | undefined; readonly hasNew: boolean },
): Promise<number> {
  const { stamp_ms: stampMs } = await tx.row(
    z.object({ stamp_ms: z.number() }),
    `update jao.clock
     set last = case when $3
       then greatest(date_trunc('milliseconds', clock_timestamp()), greatest(last, $2) + interval '1 millisecond')
       else greatest(last, $2) end
     where dataset_id = $1
     returning ${epochMs('last')} as stamp_ms`,
    [datasetId, earlierMs === undefined ? null : new Date(earlierMs), hasNew],
  );
  return stampMs;
}

function* encode(
  versions: readonly MissingVersion[],
  seriesIds: ReadonlyMap<string, number>,
  nowMs: number,
): Generator<Buffer> {
  const encoder = new CopyBinaryEncoder(observationColumns.length);
  for (const version of versions) {
    encoder.row();
    encoder.int4(seriesIds.get(version.key) ?? null);
    encoder.timestamptz(version.deliveryStartMs);
    encoder.timestamptz(version.knownFromMs ?? nowMs);
    encoder.float8(version.value);
    encoder.bool(version.withdrawn);
    encoder.int8(version.attemptId);
    encoder.int8(version.sourceRowId);
    encoder.timestamp(microsecondsOf(version.sourceModifiedAt));
    if (encoder.isFull) {
      yield encoder.take();
    }
  }
  yield encoder.finish();
}
