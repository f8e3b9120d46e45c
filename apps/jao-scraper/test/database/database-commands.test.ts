import { FakeStream } from '@sluice/command-line/testing';
import { databaseMigrateReportSchema, databaseStatusSchema } from '@sluice/schemas/jao';
import { openPostgres } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { createTestDatabase, openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { coverageCommand } from '../../src/cell-coverage/coverage-command.ts';
import { grantCommand } from '../../src/database/grant-command.ts';
import { migrateCommand } from '../../src/database/migrate-command.ts';
import { withMigratedDatabase } from '../../src/database/open-database.ts';
import { serveCommand } from '../../src/database/serve-command.ts';
import { statusCommand } from '../../src/database/status-command.ts';
import { urlCommand } from '../../src/database/url-command.ts';
import { fakeContext } from '../fake-context.ts';
import { createJaoDatabase } from '../store/test-database.ts';

/** What a command of the database printed and said. */
async function run(
  flags: Readonly<Record<string, unknown>>,
  command: (context: ReturnType<typeof fakeContext>) => Promise<number>,
) {
  const context = fakeContext({ flags, now: () => new Date() });
  const exitCode = await command(context);
  return { exitCode, printed: context.printed(), said: context.said() };
}

async function openUrl(url: string): Promise<PostgresDatabase> {
  const db = await openPostgres({
    url,
    home: '/nonexistent',
    role: 'reader',
    applicationName: 'sluice-test',
    poolSize: 1,
  });
  onTestFinished(() => db.close());
  return db;
}

/** Logins belong to the cluster, which other tests share. */
function loginName(database: TestDatabase): string {
  const name = `trader_${database.name.slice(-8)}`;
  onTestFinished(async () => {
    const superuser = await openUrl(database.url('superuser'));
    await superuser.run(`drop role if exists "${name}"`);
  });
  return name;
}

describe('with a server of its own', () => {
  test('url says for how long it answers, and serve keeps it up until stopped', async () => {
    const home = await mkdtemp(join(tmpdir(), 'sluice-home-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));

    const alone = await run({ home }, (context) => urlCommand(context, { role: 'reader' }));
    expect(alone.printed).toMatch(/^postgres:\/\/sluice_reader:\w+@127\.0\.0\.1:\d+\/sluice\n$/);
    expect(alone.said).toContain('it has stopped again');

    const stop = new AbortController();
    const served = fakeContext({ flags: { home }, signal: stop.signal });
    const serving = serveCommand(served, { role: 'reader' });
    await expect.poll(() => served.said()).toContain('runs until this is stopped');
    expect(served.printed()).toBe(alone.printed);
    const reader = await openUrl(served.printed().trim());
    expect(await reader.query('select * from jao.latest')).toEqual([]);

    const joined = await run({ home }, (context) => urlCommand(context, { role: 'owner' }));
    expect(joined.printed).toContain('sluice_owner');
    expect(joined.said).toContain('another process uses this server');

    await reader.close();
    stop.abort();
    expect(await serving).toBe(0);
    await expect(openUrl(served.printed().trim())).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

test('a start of our own server tells a person how to connect, and a log nothing that it can not read', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sluice-home-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const said: string[] = [];
  for (const isTTY of [true, false]) {
    const context = fakeContext({ flags: { home }, messages: new FakeStream({ isTTY }) });
    const options = { role: 'worker', poolSize: 1, tellsServer: true } as const;
    await withMigratedDatabase(context, options, (db) => db.query('select 1'));
    said.push(context.said());
  }
  expect(said).toEqual([
    expect.stringMatching(
      /^jao-scraper: using its own Postgres under .*postgres on port \d+; jao-scraper database url says how to connect\n$/,
    ),
    '',
  ]);
});

describe('with a server that is not ours', () => {
  test.each(['reader', 'metrics'] as const)(
    'a backfill with the rights of sluice_%s alone says whose rights it needs',
    async (role) => {
      const database = await createJaoDatabase();
      const context = fakeContext({ flags: { databaseUrl: database.url(role) } });
      const period = { from: '2025-12-01', to: '2025-12-01' };
      await expect(backfillCommand(context, { ...period, format: 'json' })).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringMatching(
          /this user may not; use the URL of one that is a member of sluice_worker$/,
        ) as string,
      });
    },
  );

  test.each(['owner', 'worker', 'metrics', 'reader'] as const)(
    'url is the one that was given if its user has the role %s and no more, and nothing else',
    async (user) => {
      const database = await createJaoDatabase();
      const url = database.url(user);
      for (const role of ['owner', 'worker', 'metrics', 'reader'] as const) {
        const given = run({ databaseUrl: url }, (context) => urlCommand(context, { role }));
        if (role === user) {
          expect((await given).printed).toBe(`${url}\n`);
        } else {
          await expect(given).rejects.toMatchObject({
            exitCode: 2,
            message: `url: the user of DATABASE_URL, sluice_${user}, is in the role ${user}, not in the role ${role}; other users' URLs are not known here, and jao-scraper database grant NAME makes one for a reader`,
          });
        }
      }
    },
  );

  test('the URL of a superuser is given to nobody who asks for a reader', async () => {
    const database = await createJaoDatabase();
    const ask = (role: 'owner' | 'reader') =>
      run({ databaseUrl: database.url('superuser') }, (context) => urlCommand(context, { role }));
    await expect(ask('reader')).rejects.toThrow(
      /, postgres, is a superuser, not in the role reader;/,
    );
    expect((await ask('owner')).printed).toBe(`${database.url('superuser')}\n`);
  });

  test('there is nothing to serve', async () => {
    const context = fakeContext({ flags: { databaseUrl: 'postgres://x@127.0.0.1/x' } });
    await expect(serveCommand(context, { role: 'reader' })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('migrate tells what it applied, and that there is nothing to do', async () => {
    const database = await createTestDatabase(inject('server'));
    const flags = { databaseUrl: database.url('owner') };
    const migrate = () => run(flags, (context) => migrateCommand(context, { format: 'json' }));
    const first = databaseMigrateReportSchema.parse(JSON.parse((await migrate()).printed));
    expect(first.map(({ component, before }) => [component, before])).toEqual([
      ['ops', 0],
      ['jao-scraper', 0],
    ]);
    expect(first[1]?.migrations.at(0)).toBe('0001-create-series.sql');
    expect(Number.parseInt(first[1]?.migrations.at(-1) ?? '', 10)).toBe(first[1]?.applied);
    const second = await migrate();
    expect(databaseMigrateReportSchema.parse(JSON.parse(second.printed))).toEqual(
      first.map((part) => ({ ...part, before: part.applied, migrations: [] })),
    );
    expect(second.said).toContain('as new as this app before');
  });

  test('a user who may not migrate is told who may', async () => {
    const database = await createJaoDatabase();
    const context = fakeContext({ flags: { databaseUrl: database.url('reader') } });
    await expect(migrateCommand(context, { format: 'json' })).rejects.toThrow(
      /this user may not; use the URL of one that is a member of sluice_owner/,
    );
  });

  test('what reads an older schema says which, and what to run', async () => {
    const empty = await createTestDatabase(inject('server'));
    const read = (database: TestDatabase) =>
      coverageCommand(fakeContext({ flags: { databaseUrl: database.url('reader') } }), {
        format: 'json',
      });
    await expect(read(empty)).rejects.toThrow(
      /has no schema jao yet, .*; run jao-scraper database migrate/,
    );
    const older = await createJaoDatabase();
    const owner = await openAs(older, 'owner');
    await owner.run(`delete from ops.migration where component = 'jao-scraper' and version > 1`);
    await expect(read(older)).rejects.toThrow(/has version 1 of schema jao, /);
    await owner.run(
      `insert into ops.migration (component, version, name, checksum, app_version)
       values ('jao-scraper', 99, '0099-of-a-newer-app.sql', '', '9')`,
    );
    expect(await read(older)).toBe(3);
    await owner.close();
  });

  test('status tells what there is, and what a reader may see of it', async () => {
    const database = await createJaoDatabase();
    const statusOf = async (role: 'owner' | 'reader') => {
      const flags = { databaseUrl: database.url(role) };
      const { exitCode, printed } = await run(flags, (context) =>
        statusCommand(context, { format: 'json' }),
      );
      const document: unknown = JSON.parse(printed);
      const status = databaseStatusSchema.parse(document);
      expect(status).toEqual(document);
      expect(exitCode).toBe(0);
      return status;
    };
    const status = await statusOf('owner');
    expect(status).toMatchObject({
      user: 'sluice_owner',
      isEmbedded: false,
      storage: 'partitions',
      missingRolesSql: null,
    });
    expect(status.schema).toEqual([
      expect.objectContaining({ component: 'ops', pending: [], isGranted: true }),
      expect.objectContaining({ component: 'jao-scraper', pending: [], isGranted: true }),
    ]);
    expect(status.roles.every(({ isPresent }) => isPresent)).toBe(true);
    expect(status.sizeBytes).toBeGreaterThan(1_000_000);
    const [partition, next] = status.partitions;
    expect(partition).toMatchObject({
      name: 'observation_2022',
      from: '2021-12-31T23:00:00.000Z',
      to: '2022-12-31T23:00:00.000Z',
    });
    expect(next?.from).toBe(partition?.to);
    expect(status.origins).toEqual([]);
    expect(await statusOf('reader')).toMatchObject({ schema: null, origins: null });
    const { printed } = await run({ databaseUrl: database.url('owner') }, (context) =>
      statusCommand(context, { format: 'table' }),
    );
    expect(printed).toMatch(/roles +│ all there/);
  });
});

describe('grant', () => {
  const grant = async (database: TestDatabase, name: string) => {
    const { printed, said } = await run({ databaseUrl: database.url('owner') }, (context) =>
      grantCommand(context, { args: [name] }),
    );
    expect(said).not.toContain(new URL(printed).password);
    return printed.trim();
  };

  test('prints a URL that reads, and a new one ends it', async () => {
    const database = await createJaoDatabase();
    const name = loginName(database);
    const first = await grant(database, name);
    expect(new URL(first).username).toBe(name);
    const trader = await openUrl(first);
    expect(await trader.query('select * from jao.latest')).toEqual([]);
    await expect(trader.query('select * from ops.run')).rejects.toMatchObject({ code: 'DENIED' });
    const second = await grant(database, name);
    await expect(openUrl(first)).rejects.toMatchObject({ code: 'AUTHENTICATION' });
    expect(await (await openUrl(second)).query('select 1')).toHaveLength(1);
  });

  test('of several at once, for one name and for many, all survive', async () => {
    const database = await createJaoDatabase();
    const shared = loginName(database);
    const others = [`${shared}_a`, `${shared}_b`, `${shared}_c`];
    onTestFinished(async () => {
      const superuser = await openUrl(database.url('superuser'));
      await superuser.run(`drop role ${others.join(', ')}`);
    });
    const urls = await Promise.all(
      [shared, shared, shared, ...others].map((name) => grant(database, name)),
    );
    const opened = await Promise.allSettled(urls.map(openUrl));
    const statuses = opened.map(({ status }) => status);
    // Of one name the last password holds.
    expect(statuses.slice(0, 3).filter((status) => status === 'fulfilled')).toHaveLength(1);
    expect(statuses.slice(3)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  test.each(['Robert"; drop table x; --', 'sluice_owner'])(
    '%j is no name for a login',
    async (name) => {
      const database = await createJaoDatabase();
      const context = fakeContext({ flags: { databaseUrl: database.url('owner') } });
      await expect(grantCommand(context, { args: [name] })).rejects.toMatchObject({
        code: 'CONFIGURATION',
      });
    },
  );

  test('a user who may not is told so', async () => {
    const database = await createJaoDatabase();
    const context = fakeContext({ flags: { databaseUrl: database.url('reader') } });
    await expect(grantCommand(context, { args: [loginName(database)] })).rejects.toThrow(
      /this user may not make trader_\w+ a reader/,
    );
  });
});
