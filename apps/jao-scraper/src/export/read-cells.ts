import { addDays, businessDayBounds, vintages } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, Vintage } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** What is exported of one dataset. */
export interface ExportQuestion {
  readonly contract: DatasetContract;
  /** Both days included. */
  readonly from: BusinessDay;
  readonly to: BusinessDay;
  readonly keys: readonly string[] | undefined;
  /** Undefined is now. */
  readonly asOf: Date | undefined;
}

/** A cell, without what is the same for its whole dataset. */
export interface SeriesCell {
  readonly key: string;
  readonly unit: string;
  readonly deliveryStart: Date;
  readonly deliveryEnd: Date;
  readonly businessDay: BusinessDay;
  readonly value: number | null;
  readonly knownFrom: Date;
  readonly revision: number;
  readonly vintage: Vintage;
}

/** So many days are sorted at a time: a month of a wide dataset in steps of 15 minutes is 30 MB. */
const daysAtOnce = 28;
const batchRows = 2_000;

const cellSchema: z.ZodType<SeriesCell> = z.object({
  key: z.string(),
  unit: z.string(),
  deliveryStart: z.date(),
  deliveryEnd: z.date(),
  businessDay: z.string(),
  value: z.number().nullable(),
  knownFrom: z.date(),
  revision: z.int(),
  vintage: z.enum(vintages),
});

/**
 * The cells of a dataset as they are known now, or were then, by delivery start and then by key,
 * batch by batch. `onDays` is told how many days are done.
 */
export async function* readCells(
  tx: PostgresTransaction,
  { contract, from, to, keys, asOf }: ExportQuestion,
  onDays: (days: number) => void,
): AsyncGenerator<SeriesCell[]> {
  for (let first = from; first <= to; first = addDays(first, daysAtOnce)) {
    const last = addDays(first, daysAtOnce - 1);
    const { startMs } = businessDayBounds(contract, first);
    const { endMs } = businessDayBounds(contract, last < to ? last : to);
    yield* tx.stream(
      cellSchema,
      `select key, unit, delivery_start as "deliveryStart", delivery_end as "deliveryEnd",
         business_day as "businessDay", value, known_from as "knownFrom", revision, vintage
       from ${asOf === undefined ? 'jao.latest' : 'jao.as_of($6)'}
       where region = $1 and dataset = $2 and ($3::text[] is null or key = any($3))
         and delivery_start >= $4 and delivery_start < $5
       order by delivery_start, key collate "C"`,
      [
        contract.region,
        contract.dataset,
        keys === undefined ? null : [...keys],
        new Date(startMs),
        new Date(endMs),
        ...(asOf === undefined ? [] : [asOf]),
      ],
      batchRows,
    );
    onDays(daysAtOnce);
  }
}

/**
 * The keys that `jao.latest` has a value of, or a null of the source, in the days that are exported, or had
 * then; as code points order them.
 */
export async function readKeys(
  tx: PostgresTransaction,
  { contract, from, to, asOf }: ExportQuestion,
): Promise<string[]> {
  const { startMs } = businessDayBounds(contract, from);
  const { endMs } = businessDayBounds(contract, to);
  const rows = await tx.rows(
    z.object({ key: z.string() }),
    // With a limit, so that it looks at each series until there is one, and not at all of history.
    `select s.key from jao.series s
     cross join lateral (
       select from jao.observation o
       where o.series_id = s.series_id and o.delivery_start >= $3 and o.delivery_start < $4
         and not o.withdrawn and o.known_from <= $5
         and not exists (
           select from jao.observation later
           where later.series_id = o.series_id and later.delivery_start = o.delivery_start
             and later.delivery_start >= $3 and later.delivery_start < $4
             and later.known_from > o.known_from and later.known_from <= $5
         )
       limit 1
     ) shown
     where s.region = $1 and s.dataset = $2
     order by s.key collate "C"`,
    [contract.region, contract.dataset, new Date(startMs), new Date(endMs), asOf ?? 'infinity'],
  );
  return rows.map(({ key }) => key);
}
