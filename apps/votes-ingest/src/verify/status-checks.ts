import type { CheckResult, WarehouseStatus } from '@sluice/schemas';
import { readStatusFile, statusFilePath, WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { isDeepStrictEqual } from 'node:util';

import { boundStatus } from '../warehouse/bound-status.ts';
import { findLostTail } from '../warehouse/open-warehouse.ts';
import { collectStatus } from '../warehouse/status.ts';

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
  // What a status leaves out depends on its other members, and on the version that wrote it.
  const told = boundStatus(written);
  const found = boundStatus(writtenAs(written, await collectStatus(warehouse, now)));
  const stale = Object.entries(told)
    .filter(([name, value]) => !isDeepStrictEqual(value, found[name as keyof WarehouseStatus]))
    .map(([name]) => name);
  return stale.length === 0
    ? undefined
    : `the status file ${path} of ${written.writtenAt} is stale in ${stale.join(', ')}; ` +
        'the next ingest writes it again';
}

/** What was found, with all that differs between two writings of one state, and does not matter, as it is written. */
function writtenAs(written: WarehouseStatus, found: WarehouseStatus): WarehouseStatus {
  const { writtenAt, appVersion, contractVersion, warehouse, arrivals } = written;
  return {
    ...found,
    writtenAt,
    appVersion,
    contractVersion,
    warehouse,
    // They depend on the clock, and on settings.
    ...(arrivals === undefined ? {} : { arrivals }),
    runs: found.runs.map(({ leftOut, ...run }, index) =>
      // A status of before it was told has none where something was left out.
      leftOut === undefined || written.runs[index]?.leftOut === undefined
        ? run
        : { ...run, leftOut },
    ),
  };
}
