import { findDataset, isBusinessDay } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { readPeriod, sayBounds } from '../datasets/read-period.ts';
import type { PeriodOptions } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';

/** The datasets and days that a command is about. */
export interface RecordedOptions extends PeriodOptions {
  /** Names; all that anything is on record of, where there are none. */
  readonly dataset?: readonly string[] | undefined;
}

/** The days of a dataset that a command is about. */
export interface RecordedDays {
  readonly contract: DatasetContract;
  readonly days: readonly BusinessDay[];
  /** Whether the command line names the days; else they are all between the first and the last on record. */
  readonly areNamed: boolean;
}

/**
 * The days to look at of each dataset: all from the first to the last that anything is on record of,
 * unless the options name others. A dataset of which nothing is on record has none.
 *
 * @throws {CommandError} as `selectDatasets` and `readPeriod`.
 */
export async function selectRecorded(
  context: Pick<CommandContext, 'program' | 'messages' | 'now'>,
  db: Queryable,
  { dataset, from, to }: RecordedOptions,
): Promise<readonly RecordedDays[]> {
  const found = await db.rows(
    z.object({
      dataset: z.string(),
      first: z.string().refine(isBusinessDay),
      last: z.string().refine(isBusinessDay),
    }),
    `select dataset, min(business_day) as first, max(business_day) as last
     from (
       select dataset, business_day from ops.attempt where business_day is not null
       union all
       select d.region || '/' || d.dataset, dd.business_day
       from jao.dataset_day dd join jao.dataset d using (dataset_id)
     ) as recorded
     group by dataset order by dataset`,
  );
  const known = found.filter((each) => findDataset(each.dataset) !== undefined);
  const areNamed = from !== undefined || to !== undefined;
  const names = dataset ?? known.map((each) => each.dataset);
  return (names.length === 0 ? [] : selectDatasets(names)).map((contract) => {
    const recorded = known.find((each) => each.dataset === contract.name);
    if (recorded === undefined) {
      return { contract, days: [], areNamed };
    }
    const now = context.now();
    const days = readPeriod(
      contract,
      { from: from ?? recorded.first, to: to ?? recorded.last },
      now,
    );
    sayBounds(context, { contract, options: { from, to }, now });
    return { contract, days, areNamed };
  });
}
