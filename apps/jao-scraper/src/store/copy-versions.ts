import type { DayTable } from '@sluice/schemas/jao';
import { CopyBinaryEncoder } from '@sluice/warehouse/postgres';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import type { LackingCell, NewVersion } from './diff-day.ts';

/** `jao.observation`, for COPY. */
export const observationTable = { schema: 'jao', table: 'observation' };

/** Its columns, in the order in which a version is encoded. */
export const observationColumns = [
  'series_id',
  'delivery_start',
  'known_from',
  'value',
  'withdrawn',
  'attempt_id',
  'source_row_id',
  'source_modified_at',
] as const;

/** What a transaction adds to `jao.observation`. */
export interface VersionsToCopy {
  readonly table: DayTable;
  readonly versions: readonly NewVersion[];
  readonly withdrawn: readonly LackingCell[];
  readonly seriesIds: ReadonlyMap<string, number>;
  readonly knownFromMs: number;
  readonly attemptId: number;
}

/** Adds versions, all with one stamp. */
export async function copyVersions(tx: PostgresTransaction, input: VersionsToCopy): Promise<void> {
  await tx.copyIn(observationTable, observationColumns, encodeVersions(input));
}

function* encodeVersions({
  table,
  versions,
  withdrawn,
  seriesIds,
  knownFromMs,
  attemptId,
}: VersionsToCopy): Generator<Buffer> {
  const encoder = new CopyBinaryEncoder(observationColumns.length);
  const modifiedAtUs = table.rows.map((row) => microsecondsOf(row.sourceModifiedAt));
  for (const version of versions) {
    const row = table.rows[version.rowIndex];
    encoder.row();
    encoder.int4(seriesIdOf(seriesIds, version.key));
    encoder.timestamptz(version.deliveryStartMs);
    encoder.timestamptz(knownFromMs);
    encoder.float8(version.value);
    encoder.bool(false);
    encoder.int8(attemptId);
    encoder.int8(row?.sourceRowId ?? null);
    encoder.timestamp(modifiedAtUs[version.rowIndex] ?? null);
    if (encoder.isFull) {
      yield encoder.take();
    }
  }
  for (const cell of withdrawn) {
    encoder.row();
    encoder.int4(seriesIdOf(seriesIds, cell.key));
    encoder.timestamptz(cell.deliveryStartMs);
    encoder.timestamptz(knownFromMs);
    encoder.float8(null);
    encoder.bool(true);
    encoder.int8(attemptId);
    encoder.null();
    encoder.null();
    if (encoder.isFull) {
      yield encoder.take();
    }
  }
  yield encoder.finish();
}

function seriesIdOf(seriesIds: ReadonlyMap<string, number>, key: string): number {
  const id = seriesIds.get(key);
  if (id === undefined) {
    throw new RangeError(`no series for ${key}: a key is resolved before it is stored`);
  }
  return id;
}

/** Microseconds since 1970 of a time stamp without a zone, with up to six fractional digits. */
export function microsecondsOf(timestamp: string | null): number | null {
  if (timestamp === null) {
    return null;
  }
  const [seconds, fraction = ''] = timestamp.split('.');
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}
