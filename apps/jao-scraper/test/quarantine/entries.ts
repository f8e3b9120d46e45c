import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { answerOf, throughout } from '../store/answers.ts';
import type { Cell } from '../store/answers.ts';
import type { TestStore } from '../store/test-store.ts';

/** Cells of a key, all the same but for those that are given by their row. */
export function cellsWith(
  contract: DatasetContract,
  day: BusinessDay,
  odd: Readonly<Record<number, Cell>>,
): Cell[] {
  return throughout(contract, day, 1).map((cell, row) => odd[row] ?? cell);
}

/** Collects a day of which some cells of the key `a` are as they should not be. */
export async function collectOdd(
  store: TestStore,
  contract: DatasetContract,
  day: BusinessDay,
  odd: Readonly<Record<number, Cell>>,
): Promise<void> {
  const cells = { a: cellsWith(contract, day, odd), b: throughout(contract, day, 2) };
  await store.collect(contract, day, answerOf(contract, day, cells));
}

/** As if an older contract could not read a cell of `a` that the one of today can. */
export async function forgetHowToRead(
  owner: PostgresDatabase,
  day: BusinessDay,
  row: number,
): Promise<void> {
  await owner.query(
    `delete from jao.observation o using jao.series s
      where s.series_id = o.series_id and s.key = 'a'
        and o.delivery_start = $1::date::timestamp at time zone 'Europe/Amsterdam' + $2 * interval '1 hour'`,
    [day, row],
  );
  await owner.query(
    `update jao.dataset_day set contract_version = 'older', cells = cells - 1 where business_day = $1`,
    [day],
  );
  await owner.query(`update ops.attempt set contract_version = 'older' where business_day = $1`, [
    day,
  ]);
  await owner.query(
    `insert into ops.quarantine (run_id, attempt_id, dataset, business_day, url, pointer, series_key,
       delivery_start, reason, message, raw, raw_length, contract_version)
     select run_id, attempt_id, dataset, business_day, url, '/data/' || $2::int || '/a', 'a',
       window_start + $2::int * interval '1 hour', 'not_a_number', 'a is 1, no number', '1', 1, 'older'
       from ops.attempt where business_day = $1 order by attempt_id limit 1`,
    [day, row],
  );
  await owner.query(`select jao.rebuild_ranges(dataset_id) from jao.series where key = 'a'`);
}

const stateRow = z.object({
  id: z.int(),
  state: z.string(),
  by: z.string().nullable(),
  why: z.string().nullable(),
});

/** The ids of the entries with these raw texts, as a command line takes them; an entry may have skipped numbers. */
export async function idsOf(
  owner: PostgresDatabase,
  ...raws: readonly string[]
): Promise<string[]> {
  const rows = await owner.rows(
    z.object({ id: z.int(), raw: z.string() }),
    `select quarantine_id as id, raw from ops.quarantine where raw = any($1) order by quarantine_id`,
    [raws],
  );
  return raws.map((raw) => String(rows.findLast((row) => row.raw === raw)?.id ?? 0));
}

/** The entries, with what was decided about them. */
export async function entriesOf(owner: PostgresDatabase): Promise<z.infer<typeof stateRow>[]> {
  return owner.rows(
    stateRow,
    `select quarantine_id as id, state, decided_by as by, decision_reason as why
       from ops.quarantine order by quarantine_id`,
  );
}
