import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { Collector } from '../gather/collector.ts';
import { checkFamilies } from './check-families.ts';
import { viewCollector } from './view-collector.ts';

/** A check that was not run for so long is one that nobody has any more. */
const forgottenAfter = '35 days';

const resultRow = z
  .object({
    dataset: z.string(),
    check: z.string(),
    outcome: z.string(),
    failing: z.int().nullable(),
    checked_at: z.number(),
  })
  .transform(({ dataset, check, outcome, failing, checked_at }) => ({
    labels: { dataset, check },
    outcome,
    failing,
    checkedAtSeconds: checked_at,
  }));

/** Tells what each check found last of the newest days. */
export function checkCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'checks',
    sql: `select dataset, check_id as "check", outcome, failing, extract(epoch from checked_at)::float8 as checked_at
      from ops.metrics_check_v1
      where checked_at > now() - interval '${forgottenAfter}' order by dataset, check_id`,
    row: resultRow,
    families: checkFamilies,
  });
}
