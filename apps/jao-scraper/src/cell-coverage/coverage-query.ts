import { coverageStates } from '@sluice/schemas/jao';
import type { BusinessDay, CoverageState, DatasetContract } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** What coverage is asked for, of one dataset. */
export interface CoverageQuestion {
  readonly contract: DatasetContract;
  readonly from: BusinessDay;
  readonly to: BusinessDay;
  readonly keys: readonly string[] | undefined;
  readonly states: readonly CoverageState[] | undefined;
  /** Undefined is now. */
  readonly asOf: Date | undefined;
}

/** A run of cells of one key, day, state and reason. */
export interface CoverageRange {
  readonly region: string;
  readonly dataset: string;
  /** Null stands for the whole dataset, of which no key is known. */
  readonly key: string | null;
  readonly businessDay: BusinessDay;
  readonly state: CoverageState;
  readonly deliveryStart: Date;
  readonly deliveryEnd: Date;
  readonly cells: number;
  readonly dueAt: Date;
  readonly since: Date | null;
  readonly reason: string | null;
}

/** How much of a dataset is in one state. */
export interface CoverageSum {
  readonly region: string;
  readonly dataset: string;
  readonly state: CoverageState;
  readonly cells: number;
  readonly keys: number;
  readonly firstBusinessDay: BusinessDay;
  readonly lastBusinessDay: BusinessDay;
}

const rangeSchema: z.ZodType<CoverageRange> = z.object({
  region: z.string(),
  dataset: z.string(),
  key: z.string().nullable(),
  businessDay: z.string(),
  state: z.enum(coverageStates),
  deliveryStart: z.date(),
  deliveryEnd: z.date(),
  cells: z.int(),
  dueAt: z.date(),
  since: z.date().nullable(),
  reason: z.string().nullable(),
});

const sumSchema: z.ZodType<CoverageSum> = z.object({
  region: z.string(),
  dataset: z.string(),
  state: z.enum(coverageStates),
  cells: z.int(),
  keys: z.int(),
  firstBusinessDay: z.string(),
  lastBusinessDay: z.string(),
});

const askedFor = `jao.coverage_as_of(coalesce($1::timestamptz, now()))
  where region = $2 and dataset = $3 and business_day between $4 and $5
    and ($6::text[] is null or key = any($6)) and ($7::text[] is null or state = any($7))`;

/** The ranges of a dataset, by key and then by time, batch by batch. */
export function streamRanges(
  tx: PostgresTransaction,
  question: CoverageQuestion,
): AsyncGenerator<CoverageRange[]> {
  return tx.stream(
    rangeSchema,
    `select region, dataset, key, business_day as "businessDay", state, delivery_start as "deliveryStart",
       delivery_end as "deliveryEnd", cells, due_at as "dueAt", since, reason
     from ${askedFor} order by key collate "C", delivery_start`,
    valuesOf(question),
  );
}

/** How many cells of a dataset are in which state, by the order of the states. */
export async function sumStates(
  tx: PostgresTransaction,
  question: CoverageQuestion,
): Promise<CoverageSum[]> {
  const sums = await tx.rows(
    sumSchema,
    `select region, dataset, state, sum(cells)::int8 as cells, count(distinct key) as keys,
       min(business_day) as "firstBusinessDay", max(business_day) as "lastBusinessDay"
     from ${askedFor} group by region, dataset, state`,
    valuesOf(question),
  );
  return sums.toSorted(
    (left, right) => coverageStates.indexOf(left.state) - coverageStates.indexOf(right.state),
  );
}

/** A business day of a dataset, by the states of its cells. */
export interface DayCompleteness {
  readonly region: string;
  readonly dataset: string;
  readonly businessDay: BusinessDay;
  readonly cells: ReadonlyMap<CoverageState, number>;
}

const daySchema = z.object({
  region: z.string(),
  dataset: z.string(),
  businessDay: z.string(),
  counts: z.array(z.tuple([z.enum(coverageStates), z.int()])),
});

/** How many cells are in which state, day by day, of all keys or of some, batch by batch. */
export async function* streamDays(
  tx: PostgresTransaction,
  question: CoverageQuestion,
): AsyncGenerator<DayCompleteness[]> {
  // Without a key, sets of series need not be taken apart.
  const relation =
    question.keys === undefined
      ? `(select region, dataset, business_day, state, cells::int8 * cardinality(series_ids) as cells, null as key
          from jao.coverage_block_as_of(coalesce($1::timestamptz, now()))) block`
      : 'jao.coverage_as_of(coalesce($1::timestamptz, now()))';
  const batches = tx.stream(
    daySchema,
    `select region, dataset, business_day as "businessDay", jsonb_agg(jsonb_build_array(state, cells)) as counts
     from (
       select region, dataset, business_day, state, sum(cells)::int8 as cells from ${relation}
       where region = $2 and dataset = $3 and business_day between $4 and $5
         and ($6::text[] is null or key = any($6)) and ($7::text[] is null or state = any($7))
       group by region, dataset, business_day, state
     ) sums
     group by region, dataset, business_day order by business_day`,
    valuesOf(question),
  );
  for await (const rows of batches) {
    yield rows.map(({ counts, ...day }) => ({ ...day, cells: new Map(counts) }));
  }
}

/** Whether anything of a dataset had been asked for by then: before, nothing is expected of it. */
export async function wasEverAskedFor(
  tx: PostgresTransaction,
  { contract, asOf }: Pick<CoverageQuestion, 'contract' | 'asOf'>,
): Promise<boolean> {
  const { found } = await tx.row(
    z.object({ found: z.boolean() }),
    `select exists (
       select from jao.attempt
       where region = $2 and dataset = $3 and started_at <= coalesce($1::timestamptz, now())
     ) as found`,
    [asOf ?? null, contract.region, contract.dataset],
  );
  return found;
}

function valuesOf({ contract, from, to, keys, states, asOf }: CoverageQuestion): unknown[] {
  return [
    asOf ?? null,
    contract.region,
    contract.dataset,
    from,
    to,
    keys === undefined ? null : [...keys],
    states === undefined ? null : [...states],
  ];
}
