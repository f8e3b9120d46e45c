import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { openPostgres, withRetry } from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createTestDatabase, DatabaseProxy, openAs } from '../../src/postgres/testing.ts';
import type { TestDatabase } from '../../src/postgres/testing.ts';
import { embeddedServer, servers } from './databases.ts';

describe.each(servers)('a database on $label', (named) => {
  let database: TestDatabase;
  let db: PostgresDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(named.server);
    db = await openAs(database, 'superuser');
    await db.run('create table t (id int primary key, note text)');
  });

  afterAll(async () => {
    await db.close();
  });

  beforeEach(async () => {
    await db.run('truncate t');
  });

  test('gives values in types that lose nothing', async () => {
    expect(
      await db.query(
        `select 9007199254740991::int8 as exact, 9007199254740993::int8 as large,
                timestamptz '2024-03-31 01:00:00.123+00' as instant,
                date '2024-03-31' as day, timestamp '2024-03-31 02:30:00.123456' as wall,
                0.1::float8 as double, 12345678901234567890.5::numeric as numeric,
                '\\x00ff'::bytea as bytes, '{"a": 1}'::jsonb as json, null::int8 as nothing,
                array[1, 9007199254740993]::int8[] as integers,
                array[date '2024-03-31', null] as days`,
      ),
    ).toEqual([
      {
        exact: 9_007_199_254_740_991,
        large: 9_007_199_254_740_993n,
        instant: new Date('2024-03-31T01:00:00.123Z'),
        day: '2024-03-31',
        wall: '2024-03-31 02:30:00.123456',
        double: 0.1,
        numeric: '12345678901234567890.5',
        bytes: Buffer.from([0, 255]),
        json: { a: 1 },
        nothing: null,
        integers: [1, 9_007_199_254_740_993n],
        days: ['2024-03-31', null],
      },
    ]);
  });

  test('commits all of a transaction or none of it', async () => {
    await expect(
      db.transaction(async (tx) => {
        await tx.run('insert into t values (1)');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await db.query('select * from t')).toEqual([]);
    await db.transaction((tx) => tx.run('insert into t values (1)'));
    expect(await db.query('select id from t')).toEqual([{ id: 1 }]);
  });

  test('does not take for committed what Postgres has rolled back', async () => {
    await expect(
      db.transaction(async (tx) => {
        await tx.run('insert into t values (1)');
        await tx.run('select nonsense').catch(() => undefined);
      }),
    ).rejects.toMatchObject({ code: 'INTERNAL', retryable: false });
    expect(await db.query('select * from t')).toEqual([]);
  });

  test('sends statements together, which run in their order', async () => {
    const answers = await db.transaction((tx) =>
      tx.together(() => [
        tx.run('create temp table line (place int generated always as identity, word text)'),
        tx.run("insert into line (word) values ('first')"),
        tx.rows(z.object({ word: z.string() }), 'select word from line'),
        tx.row(
          z.object({ n: z.number() }),
          "insert into line (word) values ('last') returning place as n",
        ),
      ]),
    );
    expect(answers).toEqual([expect.anything(), 1, [{ word: 'first' }], { n: 2 }]);
  });

  test('throws what the first of them has failed with, and goes on one by one', async () => {
    await db.transaction(async (tx) => {
      await tx.run('savepoint before');
      const failing = tx.together(() => [tx.run('select 1 / 0'), tx.run('select 2')]);
      await expect(failing).rejects.toThrow('division by zero');
      await tx.run('rollback to savepoint before');
      await expect(tx.query('select 3 as n')).resolves.toEqual([{ n: 3 }]);
    });
  });

  test('reads one moment, and writes nothing, in a read', async () => {
    await db.read(async (tx) => {
      expect(await tx.query('select count(*) as n from t')).toEqual([{ n: 0 }]);
      await db.run('insert into t values (1)');
      expect(await tx.query('select count(*) as n from t')).toEqual([{ n: 0 }]);
    });
    await expect(db.read((tx) => tx.run('insert into t values (2)'))).rejects.toMatchObject({
      code: 'READ_ONLY',
      retryable: false,
    });
  });

  test('streams a large result a batch at a time, and goes on when it is left', async () => {
    const schema = z.object({ n: z.int() });
    await db.read(async (tx) => {
      let sum = 0;
      let largest = 0;
      for await (const rows of tx.stream(
        schema,
        'select n from generate_series(1, $1::int) n',
        [10_000],
        100,
      )) {
        largest = Math.max(largest, rows.length);
        sum += rows.reduce((total, { n }) => total + n, 0);
      }
      expect([sum, largest]).toEqual([50_005_000, 100]);
      for await (const rows of tx.stream(schema, 'select n from generate_series(1, 1000) n')) {
        expect(rows.length).toBeGreaterThan(0);
        break;
      }
      expect(await tx.query('select 1 as one')).toEqual([{ one: 1 }]);
    });
    await expect(
      db.read(async (tx) => {
        for await (const rows of tx.stream(
          schema,
          'select 1 / (5 - n) as n from generate_series(1, 9) n',
          [],
          2,
        )) {
          expect(rows).toHaveLength(2);
        }
      }),
    ).rejects.toMatchObject({ code: 'SQL', sqlState: '22012' });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('says of each failure what it is and whether to try again', async () => {
    await db.run(`insert into t values (1, 'a')`);
    const reader = await openAs(database, 'reader');
    const failures: [string, () => Promise<unknown>, object][] = [
      [
        'constraint',
        () => db.run('insert into t values (1)'),
        { code: 'CONSTRAINT', sqlState: '23505' },
      ],
      ['syntax', () => db.run('selec 1'), { code: 'SQL' }],
      ['missing', () => db.run('select * from nowhere'), { code: 'MISSING_SCHEMA' }],
      ['missing schema', () => db.run('create table nowhere.x ()'), { code: 'MISSING_SCHEMA' }],
      ['value', () => db.run(`select 'x'::int`), { code: 'SQL' }],
      ['nul', () => db.run('select $1::text', ['\0']), { code: 'SQL', sqlState: '22021' }],
      ['denied', () => reader.run('insert into t values (1)'), { code: 'DENIED' }],
      [
        'statement timeout',
        () => db.transaction((tx) => tx.run('select pg_sleep(5)'), { statementTimeoutMs: 20 }),
        { code: 'STATEMENT_TIMEOUT' },
      ],
      [
        'serialization',
        () => db.run(`do $$ begin raise sqlstate '40001'; end $$`),
        { code: 'CONFLICT', retryable: true },
      ],
      [
        'deadlock',
        () => db.run(`do $$ begin raise sqlstate '40P01'; end $$`),
        { code: 'CONFLICT', retryable: true },
      ],
      [
        'disk',
        () => db.run(`do $$ begin raise sqlstate '53100'; end $$`),
        { code: 'DISK_FULL', retryable: false },
      ],
      [
        'connections',
        () => db.run(`do $$ begin raise sqlstate '53300'; end $$`),
        { code: 'UNREACHABLE', retryable: true },
      ],
    ];
    for (const [name, failing, expected] of failures) {
      await expect(failing(), name).rejects.toMatchObject({
        name: 'PostgresError',
        retryable: false,
        ...expected,
      });
    }
    await reader.close();
    expect(await db.query('select count(*) as n from t')).toEqual([{ n: 1 }]);
  });

  test('waits for a lock as long as it was told, and is told that it may try again', async () => {
    await db.run('insert into t values (1)');
    await db.transaction(async (tx) => {
      await tx.run('update t set note = $1 where id = 1', ['a']);
      await expect(
        db.transaction((other) => other.run(`update t set note = 'b'`), { lockTimeoutMs: 20 }),
      ).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', retryable: true });
    });
  });

  test('tells two that wait for each other apart, and both are done in the end', async () => {
    await db.run('insert into t values (1), (2)');
    let waiting = 0;
    let goOn: () => void = () => undefined;
    const bothHold = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const both = [
      [1, 2],
      [2, 1],
    ].map((ids) =>
      withRetry(
        () =>
          db.transaction(
            async (tx) => {
              for (const id of ids) {
                await tx.run(`update t set note = coalesce(note, '') || 'x' where id = $1`, [id]);
                waiting += 1;
                if (waiting >= 2) {
                  goOn();
                }
                await bothHold;
              }
            },
            { lockTimeoutMs: 10_000 },
          ),
        { retryForMs: 30_000 },
      ),
    );
    await Promise.all(both);
    expect(await db.query('select note from t')).toEqual([{ note: 'xx' }, { note: 'xx' }]);
  });

  test('a connection that the server ends is lost, and the next transaction has another', async () => {
    await expect(
      db.transaction(async (tx) => {
        await tx.run('insert into t values (1)');
        await tx.run('select pg_terminate_backend(pg_backend_pid())');
      }),
    ).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
    expect(await db.query('select * from t')).toEqual([]);
  });

  test('idle connections that the server ends harm nobody', async () => {
    const pool = await openAs(database, 'superuser', { poolSize: 3 });
    await Promise.all([1, 2, 3].map(() => pool.query('select pg_sleep(0.01)')));
    await db.run(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'`,
    );
    expect(await withRetry(() => pool.query('select 1 as one'), { retryForMs: 10_000 })).toEqual([
      { one: 1 },
    ]);
    await pool.close();
  });
});

describe('a network between us and Postgres', () => {
  let proxy: DatabaseProxy;
  let database: TestDatabase;
  let db: PostgresDatabase;

  beforeEach(async () => {
    const { server } = embeddedServer();
    database = await createTestDatabase(server);
    proxy = await DatabaseProxy.start(database.url('owner'));
    db = await openPostgres({
      url: proxy.urlOf(database.url('owner')),
      home: '/nonexistent',
      role: 'owner',
      applicationName: 'test',
      poolSize: 2,
    });
    await db.run('create table t (id int primary key)');
  });

  afterEach(async () => {
    proxy.decide = () => 'pass';
    await proxy.stop();
    await db.close();
  });

  async function rowCount(): Promise<unknown> {
    const client = new Client({ connectionString: database.url('owner') });
    await client.connect();
    const { rows } = await client.query<{ n: string }>('select count(*)::int as n from t');
    await client.end();
    return rows[0]?.n;
  }

  test.each([
    ['cut_after', 1],
    ['cut_before', 0],
  ] as const)('an error at the commit (%s) is neither success nor failure', async (fate, rows) => {
    const doing = db.transaction(async (tx) => {
      await tx.run('insert into t values (1)');
      proxy.decide = (piece) => (piece.includes('commit') ? fate : 'pass');
    });
    await expect(doing).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN', retryable: false });
    expect(await rowCount()).toBe(rows);
    proxy.decide = () => 'pass';
    await db.run('insert into t values (1) on conflict do nothing');
    expect(await rowCount()).toBe(1);
  });

  test('a connection that is reset in a statement is lost, and its work can be done again', async () => {
    const doing = db.transaction(async (tx) => {
      await tx.run('insert into t values (1)');
      const sleeping = tx.run('select pg_sleep(10)');
      proxy.cut();
      await sleeping;
    });
    await expect(doing).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
    await withRetry(() => db.run('insert into t values (1)'), { retryForMs: 10_000 });
    expect(await rowCount()).toBe(1);
  });

  test('a network that is gone without a word is noticed soon after the statement had to end', async () => {
    const doing = db.transaction(
      async (tx) => {
        proxy.decide = () => 'lose';
        await tx.run('insert into t values (1)');
      },
      { statementTimeoutMs: 10 },
    );
    await expect(doing).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      retryable: true,
      message: expect.stringContaining('no answer in') as string,
    });
    proxy.decide = () => 'pass';
    await db.run('insert into t values (2)');
  });

  test('nobody there is unreachable, after the wait, and told once', async () => {
    await proxy.stop();
    const events: unknown[] = [];
    const begun = performance.now();
    await expect(
      openPostgres({
        url: proxy.urlOf('postgres://user:canary@127.0.0.1/x'),
        home: '/nonexistent',
        role: 'worker',
        applicationName: 'test',
        poolSize: 1,
        waitMs: 300,
        onEvent: (event) => events.push(event),
      }),
    ).rejects.toMatchObject({
      code: 'UNREACHABLE',
      retryable: true,
      message: expect.not.stringContaining('canary') as string,
    });
    expect(performance.now() - begun).toBeGreaterThan(290);
    expect(events).toMatchObject([{ kind: 'waiting' }]);
    proxy = await DatabaseProxy.start(database.url('owner'));
  });
});
