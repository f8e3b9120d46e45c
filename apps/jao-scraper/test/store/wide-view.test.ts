import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { answerOf, throughout } from './answers.ts';
import { contractOf } from './test-store.ts';
import type { TestStore } from './test-store.ts';
import { useStore } from './use-store.ts';

const contract = contractOf('core/maxExchanges');
const view = 'core_max_exchanges_wide';
const day = '2026-01-10';
const longKeys = ['a', 'b'].map((ending) => `border_${'X'.repeat(70)}_${ending}`);

let store: TestStore;
let owner: PostgresDatabase;

useStore((opened) => {
  ({ owner, store } = opened);
});

async function collect(...keys: readonly string[]): Promise<void> {
  const cells = keys.map((key, index) => [key, throughout(contract, day, index)] as const);
  await store.collect(contract, day, answerOf(contract, day, Object.fromEntries(cells)));
  await store.db.query('select jao.refresh_wide_view($1)', [store.datasetId(contract)]);
}

/** The columns behind the day and the delivery period, each with its comment. */
async function columns(): Promise<readonly { name: string; told: string | null }[]> {
  return owner.rows(
    z.object({ name: z.string(), told: z.string().nullable() }),
    `select attname as name, col_description(attrelid, attnum) as told
     from pg_attribute where attrelid = to_regclass('jao.' || $1) and attnum > 3 order by attnum`,
    [view],
  );
}

test('keys that are no names for a column have names of their own, and comments that tell them', async () => {
  await collect('border_AT_BE', ...longKeys, 'delivery_start');
  const made = await columns();
  expect(made[0]).toEqual({ name: 'border_AT_BE', told: null });
  expect(made.map(({ told }) => told)).toEqual(
    expect.arrayContaining([...longKeys, 'delivery_start'].map((key) => `The key ${key}.`)),
  );
  expect(new Set(made.map(({ name }) => name)).size).toBe(4);

  // A key may be called what another's column is.
  const [taken = { name: '' }] = made.filter(
    ({ told }) => told === `The key ${String(longKeys[1])}.`,
  );
  await collect('border_AT_BE', ...longKeys, 'delivery_start', taken.name);
  const all = await columns();
  expect(all.slice(0, 4)).toEqual(made);
  expect(all[4]).toMatchObject({ told: `The key ${taken.name}.` });
  expect(
    await owner.query(
      `select distinct "${taken.name}" as long, "${all[4]?.name}" as short from jao.${view}`,
    ),
  ).toEqual([{ long: 2, short: 4 }]);
});

test('a column stays when its key comes no more, and the view says so', async () => {
  await collect('border_AT_BE');
  expect(await columns()).toHaveLength(5);
  const { told } = await owner.row(
    z.object({ told: z.string() }),
    `select obj_description(to_regclass('jao.' || $1)) as told`,
    [view],
  );
  expect(told).toMatch(/A column stays when its key comes no more/);
});
