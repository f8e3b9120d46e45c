import { metricsViews } from '@sluice/schemas';
import { addDays, businessDayOf, deliveryStarts, dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { answerOf, throughout } from '../store/answers.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');
const views = metricsViews['jao-scraper'];

let store: TestStore;
let owner: PostgresDatabase;
let metrics: PostgresDatabase;
let newest: BusinessDay;

beforeAll(async () => {
  const database = await createJaoDatabase();
  store = await openStore(database);
  owner = await openAs(database, 'owner');
  metrics = await openAs(database, 'metrics');
  const nowMs = Date.now();
  newest = addDays(businessDayOf(contract, nowMs), 2);
  while (dueAtMs(contract, newest) > nowMs) {
    newest = addDays(newest, -1);
  }
});

afterAll(async () => {
  await Promise.all([store.close(), owner.close(), metrics.close()]);
});

/** A node of a plan. How often it was run, where `analyze` has run it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Loops'?: number | undefined;
  readonly 'Rows Removed by Join Filter'?: number | undefined;
  readonly Alias?: string | undefined;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[] | undefined;
}

const planNode: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Actual Loops': z.number().optional(),
    'Rows Removed by Join Filter': z.number().optional(),
    Alias: z.string().optional(),
    'Shared Hit Blocks': z.int(),
    'Shared Read Blocks': z.int(),
    Plans: z.array(planNode).optional(),
  }),
);

async function planOf(sql: string, settings = ''): Promise<PlanNode> {
  return owner.transaction(async (tx) => {
    await tx.script(settings);
    const { 'QUERY PLAN': plan } = await tx.row(
      z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planNode })]) }),
      `explain (analyze, buffers, format json) ${sql}`,
    );
    return plan[0].Plan;
  });
}

/** How often the nodes of a type, or of an alias, were run, each of them. */
function loopsOf(plan: PlanNode, name: string): number[] {
  const below = (plan.Plans ?? []).flatMap((child) => loopsOf(child, name));
  return [plan['Node Type'], plan.Alias].includes(name)
    ? [plan['Actual Loops'] ?? 0, ...below]
    : below;
}

/** How often two rows were compared in vain, in all of a plan. */
function comparedInVain(plan: PlanNode): number {
  const below = (plan.Plans ?? []).reduce((sum, child) => sum + comparedInVain(child), 0);
  return below + (plan['Actual Loops'] ?? 0) * (plan['Rows Removed by Join Filter'] ?? 0);
}

async function collect(age: number, ...keys: readonly string[]): Promise<void> {
  const day = addDays(newest, -age);
  const cells = Object.fromEntries(keys.map((key) => [key, throughout(contract, day, age)]));
  await store.collect(contract, day, answerOf(contract, day, cells));
}

test('have the columns of their contract, and say what they are', async () => {
  const rows = await owner.rows(
    z.object({ view: z.string(), column: z.string(), type: z.string(), comment: z.string() }),
    `select c.relname as view, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
       obj_description(c.oid, 'pg_class') as comment
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.oid = any($1::regclass[]) and a.attnum > 0 order by c.relname, a.attnum`,
    [Object.keys(views).map((view) => `ops.${view}`)],
  );
  for (const [view, columns] of Object.entries(views)) {
    const found = rows.filter((row) => row.view === view).map((row) => [row.column, row.type]);
    expect(found).toEqual(Object.entries(columns));
  }
});

test('a dataset that was never asked for is in none of them', async () => {
  for (const [view] of Object.entries(views).filter(([, columns]) => 'dataset' in columns)) {
    expect(
      await metrics.query(`select * from ops.${view} where dataset <> $1`, [contract.name]),
    ).toEqual([]);
  }
});

describe('of days of which one is missing', () => {
  beforeAll(async () => {
    // The key "old" ended long ago, "gone" lately; nobody asked for the day before yesterday's.
    await collect(20, 'a', 'old');
    await collect(3, 'a', 'b', 'gone');
    await collect(1, 'a', 'b');
    await collect(0, 'a', 'b');
  });

  test('the dataset is fresh, and tells what remains to be fetched', async () => {
    expect(
      await metrics.query(
        `select dataset, newest_day, newest_finished_day, next_due_at, grace = interval '1 minute' * $1 as is_grace,
           last_checked_at > now() - interval '1 hour' as is_checked,
           last_changed_at = jao.horizon('core', 'maxExchanges') as is_changed, remaining_days
         from ops.metrics_dataset_v1`,
        [contract.publication.graceMinutes],
      ),
    ).toEqual([
      {
        dataset: contract.name,
        newest_day: newest,
        newest_finished_day: newest,
        next_due_at: new Date(dueAtMs(contract, addDays(newest, 1))),
        is_grace: true,
        is_checked: true,
        is_changed: true,
        remaining_days: 21 - 4,
      },
    ]);
  });

  test('completeness is that of the days, over 1, 7 and 30 of them', async () => {
    const counted = z.object({
      cells: z.int(),
      present: z.int(),
      not_expected: z.int(),
      not_collected: z.int(),
    });
    const rows = await metrics.rows(
      counted.extend({ days: z.int() }),
      `select days, cells, present, not_expected, not_collected from ops.metrics_completeness_v1
       where dataset = $1 order by days`,
      [contract.name],
    );
    expect(rows.map(({ days }) => days)).toEqual([1, 7, 30]);
    for (const { days, ...row } of rows) {
      expect(row).toEqual(
        await metrics.row(
          counted,
          `select sum(cells)::int8 as cells, sum(present)::int8 as present,
             sum(not_expected)::int8 as not_expected, sum(not_collected)::int8 as not_collected
           from jao.completeness
           where region = 'core' and dataset = 'maxExchanges' and business_day between $1 and $2`,
          [addDays(newest, 1 - days), newest],
        ),
      );
    }
    const [one, seven] = rows;
    const cellsOfNewest = deliveryStarts(contract, newest).length;
    expect(one).toMatchObject({ present: 2 * cellsOfNewest });
    expect(seven?.not_collected).toBeGreaterThan(0);
  });

  test('series that have not ended tell of their newest value, wherever it is', async () => {
    const lastOf = (age: number) =>
      new Date(deliveryStarts(contract, addDays(newest, -age)).at(-1) ?? Number.NaN);
    const read = () =>
      metrics.query('select series, last_observed_at from ops.metrics_series_v1 order by series');
    expect(await read()).toEqual([
      { series: 'a', last_observed_at: lastOf(0) },
      { series: 'b', last_observed_at: lastOf(0) },
      { series: 'gone', last_observed_at: lastOf(3) },
    ]);
    // A null of the source, and one that was a value before, are none.
    const starts = deliveryStarts(contract, newest);
    const b = throughout(contract, newest, 5).map((value, place) =>
      place < starts.length - 2 ? value : null,
    );
    const cells = { a: throughout(contract, newest, 0), b };
    await store.collect(contract, newest, answerOf(contract, newest, cells));
    expect(await read()).toMatchObject([
      { series: 'a', last_observed_at: lastOf(0) },
      { series: 'b', last_observed_at: new Date(starts.at(-3) ?? Number.NaN) },
      { series: 'gone' },
    ]);
  });

  test('only the series is looked up by itself that has no value of the newest day', async () => {
    // Yearly partitions are put together for each that is looked up.
    const loops = loopsOf(await planOf('select * from ops.metrics_series_v1'), 'Append');
    expect(Math.max(...loops)).toBe(1);
  });

  test('of a day that nothing is known of, keys are not told apart from what is there', async () => {
    const comparisonsOf = async (day: BusinessDay): Promise<number> => {
      const plan = await planOf(
        `select * from jao.coverage_block_as_of(now())
         where region = 'core' and dataset = 'maxExchanges' and business_day = '${day}'`,
      );
      return loopsOf(plan, 'SetOp').reduce((sum, loops) => sum + loops, 0);
    };
    expect(await comparisonsOf(addDays(newest, -10))).toBe(0);
    // Of one without a key that was expected, they are.
    expect(await comparisonsOf(addDays(newest, -1))).toBeGreaterThan(0);
  });

  test('a day that is answered late is counted once, however often it is asked for', async () => {
    const remaining = async () => {
      const { days } = await metrics.row(
        z.object({ days: z.int() }),
        'select remaining_days as days from ops.metrics_dataset_v1',
      );
      return days;
    };
    const before = await remaining();
    await collect(2, 'a', 'b');
    await collect(2, 'a', 'b');
    expect(await remaining()).toBe(before - 1);
  });
});

test('of a dataset whose keys have all of the newest day, no series is told apart', async () => {
  const even = contractOf('core/netPos');
  const rowsOf = `select series, last_observed_at from ops.metrics_series_v1 where dataset = '${even.name}'`;
  for (const age of [1, 0]) {
    const day = addDays(newest, -age);
    const cells = { x: throughout(even, day, 1), y: throughout(even, day, 2) };
    await store.collect(even, day, answerOf(even, day, cells));
  }
  const last_observed_at = new Date(deliveryStarts(even, newest).at(-1) ?? Number.NaN);
  expect(await metrics.query(`${rowsOf} order by series`)).toEqual([
    { series: 'x', last_observed_at },
    { series: 'y', last_observed_at },
  ]);
  expect(loopsOf(await planOf(rowsOf), 'present')).toEqual([0]);
});

test('series by the thousand are not compared with each other, also once Postgres knows the tables', async () => {
  const many = contractOf('core/atc');
  const keys = Array.from({ length: 2_000 }, (_, n) => `border_${n}`);
  for (const age of [1, 0]) {
    const day = addDays(newest, -age);
    const values = throughout(many, day, 1);
    const cells = Object.fromEntries(keys.map((key) => [key, values]));
    await store.collect(many, day, answerOf(many, day, cells));
  }
  await owner.run('analyze');
  // Whatever is dear to Postgres then, it has a way to find each series by its id.
  const settings = ['hashjoin', 'sort', 'seqscan'].map((way) => `set local enable_${way} = off`);
  for (const view of Object.keys(views)) {
    const plan = await planOf(`select * from ops.${view}`, settings.join('; '));
    expect(comparedInVain(plan)).toBeLessThan(20 * keys.length);
  }
});

test('a longer history costs a scrape no more', async () => {
  const blocksOf = async (view: string): Promise<number> => {
    const plan = await planOf(`select * from ops.${view}`);
    return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  };
  for (let age = 4; age < 40; age += 1) {
    await collect(age, 'a', 'b');
  }
  await owner.run('select jao.refresh_statistics()');
  const before = await Promise.all(Object.keys(views).map(blocksOf));
  for (let age = 40; age < 200; age += 1) {
    await collect(age, 'a', 'b');
  }
  await owner.run('select jao.refresh_statistics()');
  const after = await Promise.all(Object.keys(views).map(blocksOf));
  for (const [index, blocks] of after.entries()) {
    expect(blocks).toBeLessThan(2 * (before[index] ?? 0) + 100);
  }
});
