import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { wholeDays } from '../cell-coverage/history.ts';
import { createDatabaseWith } from '../cell-coverage/write-history.ts';
import { contractOf } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');
let database: TestDatabase;
let owner: PostgresDatabase;
let reader: PostgresDatabase;

beforeAll(async () => {
  const made = await createDatabaseWith(contract, wholeDays(contract, ['2026-03-10'], ['a']));
  ({ database, owner } = made);
  const { id } = await owner.row(
    z.object({ id: z.int() }),
    `select dataset_id as id from jao.dataset where region = 'core' and dataset = 'maxExchanges'`,
  );
  await owner.query('select jao.refresh_wide_view($1)', [id]);
  reader = await openAs(database, 'reader');
});

afterAll(async () => {
  await reader.close();
  await owner.close();
});

async function relationsOf(schema: string): Promise<string[]> {
  const rows = await owner.rows(
    z.object({ name: z.string() }),
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm') order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

describe('sluice_reader', () => {
  test('selects from everything in jao', async () => {
    const relations = await relationsOf('jao');
    expect(relations).toEqual(
      expect.arrayContaining(['latest', 'revision', 'coverage', 'day', 'core_max_exchanges_wide']),
    );
    for (const name of relations) {
      await reader.query(`select * from jao.${name} limit 1`);
    }
    const { latest, asOf, covered, horizon } = await reader.row(
      z.object({ latest: z.int(), asOf: z.int(), covered: z.int(), horizon: z.date().nullable() }),
      `select (select count(*) from jao.latest) as latest, (select count(*) from jao.as_of(now())) as "asOf",
         (select sum(cells)::int8 from jao.coverage_as_of(now()) where state = 'present') as covered,
         jao.horizon('core', 'none') as horizon`,
    );
    expect([latest, asOf, covered, horizon]).toEqual([24, 24, 24, null]);
  });

  test('sees nothing of ops', async () => {
    for (const name of await relationsOf('ops')) {
      await expect(reader.query(`select * from ops.${name} limit 1`), name).rejects.toMatchObject({
        code: 'DENIED',
      });
    }
  });

  test.each([
    `insert into jao.series (dataset_id, region, dataset, key, unit, first_seen_at, last_seen_at)
     values (1, 'a', 'b', 'c', 'MW', now(), now())`,
    'update jao.dataset set unit = unit',
    'delete from jao.observation',
    'truncate jao.day_key_set',
    'create table jao.mine (id int)',
    'create table public.mine (id int)',
    'create schema mine',
    'create temp table mine (id int)',
    'select jao.ensure_partitions(current_date, current_date)',
    'select jao.refresh_wide_view(1)',
    'select jao.refresh_statistics()',
  ])('may not: %s', async (sql) => {
    // In a transaction that may write: what stops it are its rights.
    await expect(reader.transaction((tx) => tx.query(sql))).rejects.toMatchObject({
      code: 'DENIED',
    });
  });

  test('has so many connections and no more, and reads by default', async () => {
    const rows = await owner.rows(
      z.object({ connections: z.int(), settings: z.array(z.string()) }),
      `select rolconnlimit as connections, rolconfig as settings from pg_roles where rolname = 'sluice_reader'`,
    );
    expect(rows).toEqual([
      {
        connections: 8,
        settings: expect.arrayContaining([
          'default_transaction_read_only=on',
          'statement_timeout=30s',
          'jit=off',
        ]) as string[],
      },
    ]);
  });
});
