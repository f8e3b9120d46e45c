import { qualityResultSchema } from '@sluice/schemas/expectations';
import type { QualityResult } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** A result without the keys of failing rows, as it is kept in `ops.check_result`. */
export type KeptResult = Omit<QualityResult, 'failingKeys'>;

/** The columns of results as CSV; the keys of failing rows are a list of its own. */
export const resultColumns = [
  'runId',
  'checkedAt',
  'relation',
  'scope',
  'checkId',
  'kind',
  'outcome',
  'severity',
  'action',
  'observed',
  'expected',
  'value',
  'tested',
  'failing',
  'message',
  'durationMs',
] as const satisfies readonly (keyof KeptResult)[];

const keptSchema = qualityResultSchema.omit({ failingKeys: true });

const rowSchema = keptSchema
  .omit({ period: true })
  .extend({
    checkedAt: z.date().transform((instant) => instant.toISOString()),
    periodFrom: z.string().nullable(),
    periodTo: z.string().nullable(),
  })
  .transform(({ periodFrom, periodTo, ...result }): KeptResult => {
    const period =
      periodFrom === null || periodTo === null ? null : { from: periodFrom, to: periodTo };
    return { ...result, period };
  });

const columns = `
  result_id::varchar as resultId, r.run_id::varchar as runId, dataset, relation, scope,
  r.check_id as checkId, kind, fingerprint, outcome, severity, action, observed, expected, value,
  tested, failing, message, duration_ms as durationMs, checked_at as checkedAt,
  period_from::varchar as periodFrom, period_to::varchar as periodTo`;

/**
 * The newest result of each check, by its id: one of the whole table, and one of a part of it. Of a run
 * that has checked several files it is the worst.
 */
export async function readNewestResults(warehouse: DuckDbWarehouse): Promise<KeptResult[]> {
  return warehouse.rows(
    rowSchema,
    `with newest as (
       select check_id, scope is null as is_whole, arg_max(run_id, checked_at) as run_id
         from ops.check_result group by all)
     select ${columns}
       from ops.check_result as r
       join newest on newest.check_id = r.check_id and newest.run_id = r.run_id
                  and newest.is_whole = (r.scope is null)
    qualify row_number() over (
              partition by r.check_id, is_whole
              order by list_position(['error', 'failed', 'warned', 'passed', 'skipped'], outcome),
                       checked_at desc, result_id) = 1
      order by r.check_id, scope nulls first`,
  );
}

/** What was found for some checks, newest first: of each, and of the whole and of parts, so many. */
export async function readTrend(
  warehouse: DuckDbWarehouse,
  { checkIds, limit }: { readonly checkIds: readonly string[]; readonly limit: number },
): Promise<KeptResult[]> {
  return warehouse.rows(
    rowSchema,
    `select ${columns}
       from ops.check_result as r
      where r.check_id in (select unnest(from_json($1::json, '["VARCHAR"]')))
    qualify row_number() over (
              partition by r.check_id, scope is null order by checked_at desc, result_id) <= $2::bigint
      order by r.check_id, scope is not null, checked_at desc, result_id`,
    [JSON.stringify(checkIds), BigInt(limit)],
  );
}
