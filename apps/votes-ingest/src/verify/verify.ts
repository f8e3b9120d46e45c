import { CommandError } from '@sluice/command-line';
import type { CheckResult, VerifyReport } from '@sluice/schemas';
import { WarehouseError } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { findVanished, hasVotes, openForReading } from '../warehouse/open-warehouse.ts';
import type { WarehouseOptions } from '../warehouse/open-warehouse.ts';
import { runLedgerChecks } from '../warehouse/status.ts';
import { checkLedger } from './ledger-checks.ts';
import { checkLostTail, checkStatusFile, lostTailResult } from './status-checks.ts';
import { checkSchema, checkStorage, checkUniqueIds, checkVoteTypes } from './warehouse-checks.ts';

/**
 * Counts everything in a warehouse again, against its ledger and its status file. One that has lost
 * committed work is reported, not refused.
 *
 * @throws {CommandError} where its bytes are damaged.
 * @throws {WarehouseError} where it can not be opened for another reason.
 */
export async function verifyWarehouse(options: {
  readonly warehouse: WarehouseOptions;
  readonly signal: AbortSignal;
  readonly now: Date;
}): Promise<VerifyReport> {
  const { path } = options.warehouse;
  try {
    const vanished = await findVanished(path);
    if (vanished !== undefined) {
      return conclude([lostTailResult(vanished, { isLost: true })]);
    }
    const warehouse = await openForReading(options.warehouse, { acceptsLostTail: true });
    try {
      return await warehouse.interruptible(options.signal, async () =>
        conclude(await runChecks(warehouse, options.now)),
      );
    } finally {
      warehouse.close();
    }
  } catch (cause) {
    if (cause instanceof WarehouseError && cause.code === 'DAMAGED') {
      throw new CommandError(
        `verify ${path}: its bytes are damaged (${cause.message}). Nothing was changed; ` +
          'restore a backup, or ingest the files again into a new warehouse',
        { cause },
      );
    }
    throw cause;
  }
}

async function runChecks(warehouse: DuckDbWarehouse, now: Date): Promise<CheckResult[]> {
  const lostTail = await checkLostTail(warehouse);
  if (!(await hasVotes(warehouse))) {
    return lostTail;
  }
  const schema = await checkSchema(warehouse);
  return [
    ...lostTail,
    await checkStorage(warehouse),
    schema,
    await checkUniqueIds(warehouse),
    await checkVoteTypes(warehouse),
    ...(await runLedgerChecks(warehouse)),
    // Behind this program's schema the ledger lacks columns that are asked for.
    ...(schema.outcome === 'passed' ? await checkLedger(warehouse) : []),
    await checkStatusFile(warehouse, now),
  ];
}

function conclude(checks: readonly CheckResult[]): VerifyReport {
  const hasFailed = checks.some((check) => check.outcome === 'failed');
  return { outcome: hasFailed ? 'failed' : 'passed', checks: [...checks] };
}
