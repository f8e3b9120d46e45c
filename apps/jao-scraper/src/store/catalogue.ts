import { businessDayBounds, catalogueVersion, jaoDatasets } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import type { PostgresDatabase, PostgresTransaction, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** Where steps have changed, all of a dataset's history is counted anew. */
const syncOptions = { statementTimeoutMs: 600_000 };

/** The number of each dataset that is in the database, by its name. */
export async function readDatasetIds(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await db.rows(
    z.object({ name: z.string(), dataset_id: z.number() }),
    `select region || '/' || dataset as name, dataset_id from jao.dataset`,
  );
  return new Map(rows.map((row) => [row.name, row.dataset_id]));
}

/** Whether the database has every dataset of the catalogue as this program knows it, or newer. */
export async function isCatalogueCurrent(db: Queryable): Promise<boolean> {
  const { current } = await db.row(
    z.object({ current: z.number() }),
    'select count(*) as current from jao.dataset where catalogue_version >= $1',
    [catalogueVersion],
  );
  return current >= jaoDatasets.length;
}

/**
 * Writes the catalogue's contracts into `jao.dataset` and its tables, where they are older there. An
 * older app leaves a newer catalogue alone. For the owner of the tables.
 */
export async function syncCatalogue(db: PostgresDatabase): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await readSteps(tx);
    await tx.query(
      `insert into jao.dataset (region, dataset, unit, description, zone, first_business_day, due_day_offset, due_time,
         grace, give_up, series_ends_after, contract_version, catalogue_version, wide_view, step_is_assumed)
       select d.region, d.dataset, d.unit, d.description, d.zone, d.first_business_day::date, d.due_day_offset,
         d.due_time::time, make_interval(mins => d.grace_minutes), make_interval(hours => d.give_up_hours),
         d.series_ends_after, d.contract_version, $2, d.wide_view, d.step_is_assumed
       from jsonb_to_recordset($1::jsonb) as d (region text, dataset text, unit text, description text, zone text,
         first_business_day text, due_day_offset int, due_time text, grace_minutes int, give_up_hours int,
         series_ends_after int, contract_version text, wide_view text, step_is_assumed boolean)
       order by d.region, d.dataset
       on conflict (region, dataset) do update set
         unit = excluded.unit, description = excluded.description, first_business_day = excluded.first_business_day,
         due_day_offset = excluded.due_day_offset, due_time = excluded.due_time, grace = excluded.grace,
         give_up = excluded.give_up,
         series_ends_after = excluded.series_ends_after, contract_version = excluded.contract_version,
         catalogue_version = excluded.catalogue_version, step_is_assumed = excluded.step_is_assumed
       where jao.dataset.catalogue_version < excluded.catalogue_version`,
      [JSON.stringify(jaoDatasets.map(datasetRow)), catalogueVersion],
    );
    await tx.query(
      `insert into jao.clock (dataset_id, last) select dataset_id, '-infinity' from jao.dataset order by dataset_id
       on conflict (dataset_id) do nothing`,
    );
    // Steps are of the newest catalogue as a whole: a period that moved must not stay beside its new form.
    await tx.query(
      `delete from jao.dataset_step st using jao.dataset d
       where st.dataset_id = d.dataset_id and d.catalogue_version = $1`,
      [catalogueVersion],
    );
    await tx.query(
      `insert into jao.dataset_step (dataset_id, starts_at, ends_at, step)
       select d.dataset_id, s.starts_at::timestamptz, s.ends_at::timestamptz, make_interval(mins => s.minutes)
       from jsonb_to_recordset($1::jsonb) as s (region text, dataset text, starts_at text, ends_at text, minutes int)
       join jao.dataset d using (region, dataset)
       where d.catalogue_version = $2`,
      [JSON.stringify(jaoDatasets.flatMap(stepRows)), catalogueVersion],
    );
    const after = await readSteps(tx);
    for (const [datasetId, steps] of before) {
      if (after.get(datasetId) !== steps) {
        // What is kept of its days has cells of the lengths that they had.
        await tx.query('select jao.rebuild_ranges($1)', [datasetId]);
      }
    }
  }, syncOptions);
}

/** The steps of each dataset that has any, and whether they are assumed, as text. */
async function readSteps(tx: PostgresTransaction): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.rows(
    z.object({ dataset_id: z.number(), steps: z.string() }),
    `select dataset_id, string_agg(
       format('%s %s %s %s', st.starts_at, st.ends_at, st.step, d.step_is_assumed), ', ' order by st.starts_at
     ) as steps
     from jao.dataset_step st join jao.dataset d using (dataset_id) group by dataset_id`,
  );
  return new Map(rows.map((row) => [row.dataset_id, row.steps]));
}

function datasetRow(contract: DatasetContract): Record<string, unknown> {
  return {
    region: contract.region,
    dataset: contract.dataset,
    unit: contract.unit,
    description: contract.description,
    zone: contract.zone,
    first_business_day: contract.firstBusinessDay,
    due_day_offset: contract.publication.dueDayOffset,
    due_time: contract.publication.dueLocalTime,
    grace_minutes: contract.publication.graceMinutes,
    give_up_hours: contract.publication.giveUpHours,
    series_ends_after: contract.publication.seriesEndsAfterDays,
    contract_version: contract.contractVersion,
    wide_view: wideViewName(contract),
    step_is_assumed: contract.stepIsAssumed,
  };
}

function stepRows(contract: DatasetContract): Record<string, unknown>[] {
  const { region, dataset, steps } = contract;
  const starts = steps.map(({ fromBusinessDay }) =>
    fromBusinessDay === null
      ? '-infinity'
      : new Date(businessDayBounds(contract, fromBusinessDay).startMs).toISOString(),
  );
  return steps.map(({ minutes }, index) => ({
    region,
    dataset,
    starts_at: starts[index],
    ends_at: starts[index + 1] ?? 'infinity',
    minutes,
  }));
}

/** `core/maxExchanges` has the view `jao.core_max_exchanges_wide`: a name that needs no quotes. */
export function wideViewName({
  region,
  dataset,
}: Pick<DatasetContract, 'region' | 'dataset'>): string {
  return `${region}_${dataset.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')}_wide`.toLowerCase();
}
