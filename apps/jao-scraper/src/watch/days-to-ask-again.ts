import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { statesWith } from '../cell-coverage/coverage-actions.ts';
import type { CoverageActions } from '../cell-coverage/coverage-actions.ts';

/** Such a day is asked for once an hour; the loop goes round every few seconds. */
const lookEveryMs = 60_000;

/** Knows of which days some cells are in a state that is configured to be asked for again. */
export class DaysToAskAgain {
  readonly #actions: CoverageActions;
  readonly #seen = new Map<string, { readonly atMs: number; readonly days: Set<BusinessDay> }>();

  constructor(actions: CoverageActions) {
    this.#actions = actions;
  }

  /** Those of `days`, which are ascending; as they were at most a minute ago. */
  async read(
    db: Queryable,
    { name, region, dataset }: DatasetContract,
    days: readonly BusinessDay[],
  ): Promise<ReadonlySet<BusinessDay>> {
    const states = statesWith(this.#actions, name, 're-ask');
    const seen = this.#seen.get(name);
    const nowMs = performance.now();
    if (states.length === 0 || (seen !== undefined && nowMs - seen.atMs < lookEveryMs)) {
      return seen?.days ?? new Set();
    }
    const rows = await db.rows(
      z.object({ business_day: z.string() }),
      `select distinct business_day from jao.coverage_block_as_of(now())
       where region = $1 and dataset = $2 and business_day between $3 and $4 and state = any($5::text[])`,
      [region, dataset, days[0] ?? null, days.at(-1) ?? null, states],
    );
    const found = new Set(rows.map((row) => row.business_day));
    this.#seen.set(name, { atMs: nowMs, days: found });
    return found;
  }
}
