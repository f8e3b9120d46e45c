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

/** The keys that a dataset has, or had then, in the days that are exported; as code points order them. */
export async function readKeys(
  tx: PostgresTransaction,
  { contract, from, to, asOf }: ExportQuestion,
): Promise<string[]> {
  const rows = await tx.rows(
    z.object({ key: z.string() }),
    `select s.key from jao.series s
     where s.region = $1 and s.dataset = $2 and s.series_id in (
       select unnest(ks.series_ids) from jao.key_set ks
       where ks.key_set_id in (
         select dk.key_set_id from jao.day_key_set dk
         where dk.dataset_id = s.dataset_id and dk.business_day between $3 and $4
           and dk.known_from <= coalesce($5::timestamptz, 'infinity')
       )
     )
     order by s.key collate "C"`,
    [contract.region, contract.dataset, from, to, asOf ?? null],
  );
  return rows.map(({ key }) => key);
}
