import type { CheckResult, WarehouseStatus } from '@sluice/schemas';
import { readStatusFile, statusFilePath, WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { isDeepStrictEqual } from 'node:util';

import { findLostTail } from '../warehouse/open-warehouse.ts';
import { collectStatus } from '../warehouse/status.ts';

/** What differs between two writings of one state, and does not matter. */
const writtenWith = [
  'writtenAt',
  'appVersion',
  'contractVersion',
  'warehouse',
  // It depends on the clock, and on settings.
  'arrivals',
] as const satisfies readonly (keyof WarehouseStatus)[];

/**
 * Whether the warehouse holds all that its status file records; nothing where there is no status
 * file that says so.
 */
export async function checkLostTail(warehouse: DuckDbWarehouse): Promise<CheckResult[]> {
  try {
    const lostTail = await findLostTail(warehouse);
    return [
      lostTailResult(lostTail ?? 'the warehouse holds all that its status file records', {
        isLost: lostTail !== undefined,
      }),
    ];
  } catch (cause) {
    if (cause instanceof WarehouseError && cause.code === 'DAMAGED') {
      return [];
    }
    throw cause;
  }
}

/** The result of the check for a lost tail. */
export function lostTailResult(
  message: string,
  { isLost }: { readonly isLost: boolean },
): CheckResult {
  return { id: 'status.lost_tail', outcome: isLost ? 'failed' : 'passed', message };
}

/** Whether the status file says what the warehouse holds. */
export async function checkStatusFile(warehouse: DuckDbWarehouse, now: Date): Promise<CheckResult> {
  const problem = await findStatusProblem(warehouse, now);
  return {
    id: 'status.current',
    outcome: problem === undefined ? 'passed' : 'failed',
    message: problem ?? 'the status file says what the warehouse holds',
  };
}

async function findStatusProblem(
  warehouse: DuckDbWarehouse,
  now: Date,
): Promise<string | undefined> {
  const path = statusFilePath(warehouse.path);
  let written: WarehouseStatus | undefined;
  try {
    written = await readStatusFile(warehouse.path);
  } catch (cause) {
    if (cause instanceof WarehouseError && cause.code === 'DAMAGED') {
      return `${cause.message}; until then a lost tail can not be told`;
    }
    throw cause;
  }
  if (written === undefined) {
    return (
      `there is no status file ${path}, so a lost tail can not be told; ` +
      'the next ingest writes it'
    );
  }
  const found: Partial<WarehouseStatus> = await collectStatus(warehouse, now);
  const stale = Object.entries(written)
    .filter(([name]) => !writtenWith.some((member) => member === name))
    .filter(([name, value]) => !isDeepStrictEqual(value, found[name as keyof WarehouseStatus]))
    .map(([name]) => name);
  return stale.length === 0
    ? undefined
    : `the status file ${path} of ${written.writtenAt} is stale in ${stale.join(', ')}; ` +
        'the next ingest writes it again';
}
