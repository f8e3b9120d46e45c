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
  const ofAttempts = [runId, attemptIds ?? null];
  // Asked for by itself: where the planner knows from when to when, it knows how much that is.
  const span = await db.row(spanRow, spanSql, ofAttempts);
  return db.rows(wrongSumRow, wrongSumsSql, [
    ...ofAttempts,
    span.firstStamp,
    span.lastStamp,
    span.startsAt,
    span.endsAt,
  ]);
}

const attemptsSql = `
  from ops.attempt
  where run_id = $1 and outcome <> 'running' and ($2::bigint[] is null or attempt_id = any($2))`;

/** Of the attempts that stored anything; null where none did. */
const spanRow = z.object({
  firstStamp: z.date().nullable(),
  lastStamp: z.date().nullable(),
  startsAt: z.date().nullable(),
  endsAt: z.date().nullable(),
});

const spanSql = `
select min(known_from) as "firstStamp", max(known_from) as "lastStamp",
  min(business_day)::timestamp at time zone 'Europe/Amsterdam' as "startsAt",
  (max(business_day) + 1)::timestamp at time zone 'Europe/Amsterdam' as "endsAt"
${attemptsSql} and known_from is not null`;

const wrongSumsSql = `
with attempt as (
  select attempt_id, dataset, business_day, known_from, read, added, revised, withdrawn, unchanged, duplicate,
    quarantined, quarantine_entries
  ${attemptsSql}
), version as (
  -- Counted before they are joined: there are as many as cells, and who joins them first may compare each
  -- of them with each attempt.
  select o.attempt_id, o.known_from,
    count(*) filter (where not o.withdrawn) as valued, count(*) filter (where o.withdrawn) as withdrawn
  from jao.observation o
  where o.known_from between $3 and $4 and o.delivery_start >= $5 and o.delivery_start < $6
  group by o.attempt_id, o.known_from
), entry as (
  -- So has reparse put cells aside, in its own name.
  select q.attempt_id, count(*) as made
  from ops.quarantine q join attempt a using (attempt_id)
  where q.run_id = $1 group by q.attempt_id
)
select a.attempt_id as "attemptId", a.dataset, a.business_day as "businessDay", sum.what, sum.counted, sum.stored
from attempt a
-- What reparse has corrected since names the attempt too, under a stamp of its own.
left join version v on v.attempt_id = a.attempt_id and v.known_from = a.known_from
left join entry e on e.attempt_id = a.attempt_id
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
