import type { PostgresRunTotals, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

const wrongSumRow = z.object({
  attemptId: z.number(),
  dataset: z.string(),
  businessDay: z.string().nullable(),
  what: z.string(),
  counted: z.number(),
  stored: z.number(),
});

/** Something that an attempt says to have done, and how much of it is there. */
export type WrongSum = z.infer<typeof wrongSumRow>;

/** Which attempts are looked at. */
export interface AttemptsToCompare {
  readonly runId: string;
  /** @default all of the run */
  readonly attemptIds?: readonly number[] | undefined;
}

/**
 * Compares what attempts of a run are said to have done with what is stored: what became of the cells
 * that were read, the versions under the attempt's stamp, its withdrawals, its entries of quarantine. One row per
 * difference, by attempt. Stamps go up with the rows of the table, so that what is looked at is what was
 * stored since the first of these attempts, however much there is.
 */
export async function findWrongSums(
  db: Queryable,
  { runId, attemptIds }: AttemptsToCompare,
): Promise<WrongSum[]> {
  return db.rows(wrongSumRow, wrongSumsSql, [runId, attemptIds ?? null]);
}

const wrongSumsSql = `
with attempt as (
  select attempt_id, dataset, business_day, known_from, read, added, revised, withdrawn, unchanged, duplicate,
    quarantined, quarantine_entries
  from ops.attempt
  where run_id = $1 and outcome <> 'running' and ($2::bigint[] is null or attempt_id = any($2))
), span as (
  select min(known_from) as first_stamp, max(known_from) as last_stamp,
    min(business_day)::timestamp at time zone 'Europe/Amsterdam' as starts_at,
    (max(business_day) + 1)::timestamp at time zone 'Europe/Amsterdam' as ends_at
  from attempt where known_from is not null
), version as (
  select a.attempt_id, count(*) filter (where not o.withdrawn) as valued, count(*) filter (where o.withdrawn) as withdrawn
  -- What reparse has corrected since names the attempt too, under a stamp of its own.
  from jao.observation o join attempt a on a.attempt_id = o.attempt_id and a.known_from = o.known_from
  where o.known_from between (select first_stamp from span) and (select last_stamp from span)
    and o.delivery_start >= (select starts_at from span) and o.delivery_start < (select ends_at from span)
  group by a.attempt_id
), entry as (
  -- So has reparse put cells aside in its own name.
  select q.attempt_id, count(*) as made
  from ops.quarantine q join attempt a using (attempt_id)
  where q.run_id = $1 group by q.attempt_id
)
select a.attempt_id as "attemptId", a.dataset, a.business_day as "businessDay", sum.what, sum.counted, sum.stored
from attempt a
left join version v using (attempt_id)
left join entry e using (attempt_id)
cross join lateral (values
  ('cells read', a.read::bigint, (a.added + a.revised + a.unchanged + a.duplicate + a.quarantined)::bigint),
  ('versions', (a.added + a.revised)::bigint, coalesce(v.valued, 0)),
  ('withdrawals', a.withdrawn::bigint, coalesce(v.withdrawn, 0)),
  ('entries of quarantine', coalesce(a.quarantine_entries, e.made, 0)::bigint, coalesce(e.made, 0))
) as sum (what, counted, stored)
where sum.counted <> sum.stored
order by a.attempt_id, sum.what`;

const totalsRow = z.object({
  read: z.number(),
  accepted: z.number(),
  duplicate: z.number(),
  quarantined: z.number(),
  unchanged: z.number(),
});

/** A control total of a run, in cells, and what its attempts have of it. */
export interface WrongTotal {
  readonly what: keyof z.infer<typeof totalsRow>;
  readonly counted: number;
  readonly stored: number;
}

/** Compares the control totals of a run with those of its attempts. */
export async function findWrongTotals(
  db: Queryable,
  { runId, totals }: { readonly runId: string; readonly totals: PostgresRunTotals },
): Promise<WrongTotal[]> {
  const stored = await db.row(
    totalsRow,
    `select coalesce(sum(read), 0)::bigint as read, coalesce(sum(added + revised), 0)::bigint as accepted,
            coalesce(sum(duplicate), 0)::bigint as duplicate,
            coalesce(sum(quarantined), 0)::bigint as quarantined,
            coalesce(sum(unchanged), 0)::bigint as unchanged
       from ops.attempt where run_id = $1`,
    [runId],
  );
  return totalsRow
    .keyof()
    .options.filter((what) => totals[what] !== stored[what])
    .map((what) => ({ what, counted: totals[what], stored: stored[what] }));
}
