import type { FileCalendar } from '@sluice/schemas/arrivals';
import type { ExpectationSuite } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { checkBatch } from '../quality/check-batch.ts';
import type { BatchVerdict } from '../quality/check-batch.ts';
import { volumeOf } from '../quality/file-volume.ts';
import { checksLeft } from './earlier-readings.ts';
import type { EarlierReadings } from './earlier-readings.ts';

/** What the rows of a file are judged with. */
export interface JudgingContext {
  readonly warehouse: DuckDbWarehouse;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** What the rows of each file are checked for. */
  readonly checks: ExpectationSuite;
  /** Which files are expected; absent: none. */
  readonly calendar: FileCalendar | undefined;
  readonly now: () => Date;
}

/** Checks the rows of a file in the transaction that has written them, by what is left of the checks. */
export async function judgeFile(
  { warehouse, runId, signal, checks, calendar, now }: JudgingContext,
  { fileId, path }: { readonly fileId: number; readonly path: string },
  earlier: EarlierReadings,
): Promise<BatchVerdict> {
  const suite = checksLeft(checks, earlier);
  const volume = volumeOf(warehouse, calendar, path);
  return warehouse.interruptible(signal, () =>
    checkBatch(warehouse, { runId, fileId, suite, now: now(), signal, volume, ...earlier }),
  );
}
