import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createTestDatabase, openAs } from '../../src/postgres/testing.ts';
import type { TestDatabase } from '../../src/postgres/testing.ts';
import { embeddedServer, servers } from './databases.ts';

describe.each(servers)('the settings of a transaction on $label', (named) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(named.server);
  });

  async function open(): Promise<PostgresDatabase> {
    const db = await openAs(database, 'superuser', { poolSize: 1 });
    onTestFinished(() => db.close());
    return db;
  }

  test.each([
    ['datestyle', "'German'"],
    ['datestyle', "'SQL, DMY'"],
    ['intervalstyle', "'iso_8601'"],
    ['extra_float_digits', '-15'],
    ['timezone', "'Asia/Kolkata'"],
    ['standard_conforming_strings', 'off'],
    ['bytea_output', "'escape'"],
    ['array_nulls', 'off'],
    ['transform_null_equals', 'on'],
  ])('give the same values where the database has %s = %s', async (name, value) => {
    const values = `select date '2026-11-09' as day, array[date '2026-11-09'] as days,
      timestamp '2026-11-09 01:02:03.456' as wall, timestamptz '2026-11-09 01:02:03+00' as instant,
      interval '1 day 2 hours' as duration, 0.1::float8 + 0.2::float8 as double, (0.1::float8 + 0.2::float8)::text as text,
      '\\d' as pattern, '\\x00ff5c'::bytea as bytes,
      $1::text[] as words, null = null as unknown`;
    const usual = await (await open()).query(values, [['a', null]]);
    expect(usual).toMatchObject([
      { day: '2026-11-09', double: 0.1 + 0.2, pattern: String.raw`\d` },
    ]);
    await (await open()).run(`alter database ${database.name} set ${name} = ${value}`);
    expect(await (await open()).query(values, [['a', null]])).toEqual(usual);
  });

  test('are left on no connection, which a pooler may give to others', async () => {
    const one = await open();
    const settings = `select current_setting('statement_timeout') as statement,
      current_setting('lock_timeout') as lock, current_setting('timezone') as zone`;
    expect(await one.query(settings)).toEqual([{ statement: '30s', lock: '2s', zone: 'UTC' }]);
    expect(
      await one.transaction((tx) => tx.query(settings), {
        statementTimeoutMs: 1_500,
        lockTimeoutMs: 0,
      }),
    ).toEqual([{ statement: '1500ms', lock: '0', zone: 'UTC' }]);
    const [state] = await one.transaction(async (tx) => {
      await tx.end('rollback');
      const rows = await tx.query(
        `select (select count(*) from pg_prepared_statements) as prepared,
                (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
                current_setting('statement_timeout') as statement`,
      );
      await tx.script('begin');
      return rows;
    });
    expect(state).toEqual({ prepared: 0, locks: 0, statement: '0' });
  });
});

test('the embedded server begins no checkpoint in the middle of a full history', async () => {
  const db = await openAs(await createTestDatabase(embeddedServer().server), 'superuser', {
    poolSize: 1,
  });
  onTestFinished(() => db.close());
  const { bytes } = await db.row(
    z.object({ bytes: z.number() }),
    `select pg_size_bytes(current_setting('max_wal_size'))
       / (1 + current_setting('checkpoint_completion_target')::float8) as bytes`,
  );
  // 1,626 days of core/maxExchanges, of which each writes 0.96 MB.
  expect(bytes).toBeGreaterThan(1.6e9);
});
