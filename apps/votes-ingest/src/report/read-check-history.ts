import { checkOutcomes } from '@sluice/schemas/expectations';
import type { CheckOutcome } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** Results of a check that its trend is drawn of. */
const trendPoints = 60;

/** The newest result of a check, and its trend. */
export interface CheckHistory extends z.infer<typeof newestSchema> {
  /** Oldest first. */
  readonly trend: readonly {
    readonly at: Date;
    readonly value: number;
    readonly outcome: CheckOutcome;
  }[];
}

const newestSchema = z.object({
  checkId: z.string(),
  outcome: z.enum(checkOutcomes),
  observed: z.string().nullable(),
  expected: z.string(),
  failing: z.int().nullable(),
  message: z.string(),
  checkedAt: z.date(),
});

const pointSchema = z.object({
  checkId: z.string(),
  at: z.date(),
  value: z.number(),
  outcome: z.enum(checkOutcomes),
});

/** From the worst on. */
const severityOrder = "list_position(['error', 'failed', 'warned', 'skipped', 'passed'], outcome)";

/**
 * Every check that ever ran, with what its newest run found: where that looked at several parts, such
 * as files, the worst of it. Empty in a warehouse that is older than checks.
 */
export async function readCheckHistory(warehouse: DuckDbWarehouse): Promise<CheckHistory[]> {
  if (!(await hasResults(warehouse))) {
    return [];
  }
  const newest = await warehouse.rows(
    newestSchema,
    `select check_id as checkId, outcome, observed, expected, failing, message,
            checked_at as checkedAt
       from (select *, max_by(run_id, checked_at) over (partition by check_id) as newest_run_id
               from ops.check_result)
      where run_id = newest_run_id
      qualify row_number() over (partition by check_id order by ${severityOrder}, checked_at desc) = 1
      order by check_id`,
  );
  const points = await warehouse.rows(
    pointSchema,
    `select check_id as checkId, checked_at as at, coalesce(value, failing::double) as value, outcome
       from ops.check_result
      where coalesce(value, failing::double) is not null
        and isfinite(coalesce(value, failing::double))
      qualify row_number() over (partition by check_id order by checked_at desc) <= ${trendPoints}
      order by checked_at`,
  );
  return newest.map((check) => ({
    ...check,
    trend: points.filter(({ checkId }) => checkId === check.checkId),
  }));
}

async function hasResults(warehouse: DuckDbWarehouse): Promise<boolean> {
  const { tables } = await warehouse.row(
    z.object({ tables: z.int() }),
    `select count(*) as tables from duckdb_tables()
      where database_name = current_database() and schema_name = 'ops' and table_name = 'check_result'`,
  );
  return tables > 0;
}
