import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  compareSchema,
  findMissingRoles,
  isTemporaryReserved,
  grantReader,
  isCurrent,
  migratePostgres,
  missingRolesSql,
  opsPostgresMigrations,
  reserveTemporary,
} from '../../src/postgres/index.ts';
import type { PostgresDatabase, PostgresMigrations } from '../../src/postgres/index.ts';
import { createTestDatabase, openAs } from '../../src/postgres/testing.ts';
import type { TestDatabase } from '../../src/postgres/testing.ts';
import { servers } from './databases.ts';

const appVersion = '1.0.0';

describe.each(servers)('migrations on $label', (named) => {
  let folder: string;
  let database: TestDatabase;
  let opened: PostgresDatabase[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-migrations-'));
    database = await createTestDatabase(named.server);
    opened = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((db) => db.close()));
    await rm(folder, { recursive: true });
  });

  async function openForTest(role: Parameters<typeof openAs>[1] = 'owner', on = database) {
    const db = await openAs(on, role);
    opened.push(db);
    return db;
  }

  async function source(
    files: Record<string, string>,
    grants = 'grant usage on schema app to sluice_worker',
  ): Promise<PostgresMigrations> {
    const own = join(folder, String(Math.random()));
    await mkdir(own);
    for (const [name, sql] of Object.entries(files)) {
      await writeFile(join(own, name), sql);
    }
    return { component: 'app', folder: pathToFileURL(`${own}/`), grants };
  }

  const first = {
    '0001-create.sql': 'create schema app; create table app.t (id int primary key);',
  };
  const second = { ...first, '0002-add.sql': 'alter table app.t add column note text;' };

  test('bring a database to the newest schema once, and are noted', async () => {
    const db = await openForTest();
    const sources = [opsPostgresMigrations, await source(second)];
    expect(isCurrent(await compareSchema(db, sources))).toBe(false);
    const states = await migratePostgres(db, sources, { appVersion });
    expect(states).toEqual([
      expect.objectContaining({ component: 'ops', pending: [], changed: [], isGranted: true }),
      {
        component: 'app',
        applied: 2,
        newest: 2,
        pending: [],
        changed: [],
        isGranted: true,
      },
    ]);
    const noted = await db.query(
      `select component, version, name, app_version, applied_at from ops.migration
        order by component, version`,
    );
    const ops = (await readdir(opsPostgresMigrations.folder)).toSorted();
    expect(noted).toMatchObject([
      { component: 'app', version: 0, name: 'grants', app_version: '1.0.0' },
      { component: 'app', version: 1, name: '0001-create.sql' },
      { component: 'app', version: 2, name: '0002-add.sql' },
      { component: 'ops', version: 0 },
      ...ops.map((name, index) => ({ component: 'ops', version: index + 1, name })),
    ]);
    await migratePostgres(db, sources, { appVersion: '2.0.0' });
    expect(
      await db.query(
        `select component, version, name, app_version, applied_at from ops.migration
          order by component, version`,
      ),
    ).toEqual(noted);
  });

  test('are run by one of many that start at once, in two databases of one server', async () => {
    const other = await createTestDatabase(named.server);
    const sources = [opsPostgresMigrations, await source(second)];
    await dropRoles();
    const dbs = await Promise.all(
      Array.from({ length: 8 }, (_, n) => openForTest('superuser', n % 2 === 0 ? database : other)),
    );
    await Promise.all(dbs.map((db) => migratePostgres(db, sources, { appVersion })));
    for (const db of dbs) {
      expect(isCurrent(await compareSchema(db, sources))).toBe(true);
    }
    expect(await findMissingRoles(dbs[0] as PostgresDatabase)).toEqual([]);
  });

  /** Roles are the server's, and other tests run on it: only one that nothing depends on goes. */
  async function dropRoles(): Promise<void> {
    const client = new Client({ connectionString: database.url('superuser') });
    await client.connect();
    await client.query('drop role if exists sluice_test_gone').finally(() => client.end());
  }

  test('wait for a lock in short tries, so that others pass, and are done when it is free', async () => {
    const db = await openForTest();
    const before = await source(first);
    await migratePostgres(db, [before], { appVersion });
    const after = await source(second);
    const holder = new Client({ connectionString: database.url('owner') });
    await holder.connect();
    await holder.query('begin; select * from app.t');
    const retries: string[] = [];
    const migrating = migratePostgres(db, [after], {
      appVersion,
      onRetry: ({ code }) => {
        retries.push(code);
        void holder.query('rollback').then(() => holder.end());
      },
    });
    expect((await migrating)[0]).toMatchObject({ applied: 2 });
    expect(retries[0]).toBe('LOCK_TIMEOUT');
  });

  test('that fail leave nothing of themselves', async () => {
    const db = await openForTest();
    const sources = [
      await source({ ...first, '0002-bad.sql': 'create table app.u (); select no' }),
    ];
    await expect(migratePostgres(db, sources, { appVersion })).rejects.toMatchObject({
      code: 'SQL',
    });
    expect(await compareSchema(db, sources)).toMatchObject([{ applied: 0 }]);
    await expect(db.query('select * from app.t')).rejects.toMatchObject({ code: 'MISSING_SCHEMA' });
  });

  test('that were changed after they were applied are refused, and named', async () => {
    const db = await openForTest();
    await migratePostgres(db, [await source(first)], { appVersion });
    const changed = await source({ '0001-create.sql': 'create schema app;' });
    await expect(migratePostgres(db, [changed], { appVersion })).rejects.toMatchObject({
      code: 'MIGRATION',
      message: expect.stringContaining(
        'app 0001-create.sql was applied with other content',
      ) as string,
    });
  });

  test('leave a database that is ahead of the program as it is, its grants too', async () => {
    const db = await openForTest();
    await migratePostgres(db, [await source(second, 'grant all on schema app to sluice_worker')], {
      appVersion: '2.0.0',
    });
    const older = await source(first);
    const states = await migratePostgres(db, [older], { appVersion });
    expect(states).toMatchObject([{ applied: 2, newest: 1, pending: [], isGranted: true }]);
    expect(isCurrent(states)).toBe(true);
    expect(await db.query(`select app_version from ops.migration where version = 0`)).toEqual([
      { app_version: '2.0.0' },
    ]);
  });

  test('grant anew when only the grants have changed', async () => {
    const db = await openForTest();
    await migratePostgres(db, [await source(first)], { appVersion });
    await migratePostgres(
      db,
      [
        await source(
          first,
          'grant usage on schema app to sluice_reader; grant select on app.t to sluice_reader',
        ),
      ],
      { appVersion },
    );
    const reader = await openForTest('reader');
    expect(await reader.query('select * from app.t')).toEqual([]);
  });

  test('belong to the role, whoever ran them', async () => {
    const db = await openForTest('superuser');
    await migratePostgres(db, [await source(first)], { appVersion });
    expect(
      await db.query(`select tableowner from pg_tables where schemaname in ('app', 'ops')`),
    ).toEqual([{ tableowner: 'sluice_owner' }, { tableowner: 'sluice_owner' }]);
    const owner = await openForTest('owner');
    await migratePostgres(owner, [await source(second)], { appVersion });
  });

  test('by a user who may not say what an administrator is to do', async () => {
    const worker = await openForTest('worker');
    await expect(
      migratePostgres(worker, [await source(first)], { appVersion }),
    ).rejects.toMatchObject({
      code: 'DENIED',
      message: expect.stringMatching(/grant sluice_owner to "sluice_worker"/) as string,
    });
  });

  test('refuse a file whose name is none', async () => {
    const db = await openForTest();
    await expect(
      migratePostgres(db, [await source({ 'create.sql': '' })], { appVersion }),
    ).rejects.toThrow(/create.sql is no migration's name/);
  });

  test('refuse two files of one number', async () => {
    const db = await openForTest();
    await expect(
      migratePostgres(db, [await source({ ...first, '0001-another.sql': '' })], { appVersion }),
    ).rejects.toThrow(/0001-another.sql and 0001-.*.sql have one number/);
  });
});

describe.each(servers)('roles on $label', (named) => {
  test('the SQL that an administrator is given can be run, and run again', async () => {
    const database = await createTestDatabase(named.server);
    const db = await openAs(database, 'superuser');
    const sql = missingRolesSql({
      roles: ['sluice_owner', 'sluice_worker', 'sluice_reader', 'sluice_metrics'],
      database: database.name,
      user: 'postgres',
    });
    await db.transaction((tx) => tx.script(sql));
    await db.transaction((tx) => tx.script(sql));
    expect(await findMissingRoles(db)).toEqual([]);
    expect(sql).toContain(`alter role "sluice_reader" set statement_timeout = '30s';`);
    expect(sql).toContain('grant sluice_owner to "postgres";');
    await db.close();
  });

  test.each(['superuser', 'owner'] as const)(
    'readers can make temporary tables in a new database, and only its owner can after the %s has migrated it',
    async (role) => {
      const database = await createTestDatabase(named.server);
      // As where somebody else has made the database.
      const superuser = await openAs(database, 'superuser');
      if (role === 'superuser') {
        await superuser.query(`alter database ${database.name} owner to current_user`);
      }
      await superuser.close();
      const tryTemporary = async (as: 'reader' | 'owner'): Promise<string> => {
        const client = new Client({ connectionString: database.url(as) });
        await client.connect();
        try {
          await client.query('set default_transaction_read_only = off');
          await client.query('create temporary table mine (n int)');
          return 'made';
        } catch (error) {
          return error instanceof Error ? error.message : '';
        } finally {
          await client.end();
        }
      };
      expect(await tryTemporary('reader')).toBe('made');
      const db = await openAs(database, role);
      expect(await isTemporaryReserved(db)).toBe(false);
      await migratePostgres(db, [opsPostgresMigrations], { appVersion: '1.0.0' });
      expect(await isTemporaryReserved(db)).toBe(true);
      await db.close();
      expect(await tryTemporary('reader')).toMatch(/permission denied to create temporary tables/);
      expect(await tryTemporary('owner')).toBe('made');
    },
  );

  test('who does not own the database can not take the right from readers, and is told so', async () => {
    const database = await createTestDatabase(named.server);
    const worker = await openAs(database, 'worker');
    expect(await reserveTemporary(worker)).toBe(false);
    expect(await isTemporaryReserved(worker)).toBe(false);
    await worker.close();
  });

  test('a reader is granted by name, logs in, reads, and can be given a new password', async () => {
    const database = await createTestDatabase(named.server);
    const owner = await openAs(database, 'owner');
    const name = `trader-${database.name.slice(-6)}`;
    const login = await grantReader(owner, name);
    const again = await grantReader(owner, name);
    expect(again.name).toBe(name);
    expect(again.password).not.toBe(login.password);
    const url = (password: string) =>
      `postgres://${name}:${password}@127.0.0.1:${named.server.port}/${database.name}`;
    await expect(
      openAs({ ...database, url: () => url(login.password) }, 'reader'),
    ).rejects.toMatchObject({ code: 'AUTHENTICATION' });
    const client = new Client({ connectionString: url(again.password) });
    await client.connect();
    const { rows } = await client.query(
      `select current_setting('default_transaction_read_only') as read_only,
              current_setting('statement_timeout') as timeout, current_setting('jit') as jit`,
    );
    expect(rows).toEqual([{ read_only: 'on', timeout: '30s', jit: 'off' }]);
    await client.end();
    await owner.close();
    const superuser = await openAs(database, 'superuser');
    await superuser.run(`drop role "${name}"`);
    await superuser.close();
  });

  test('no few logins of readers take all connections of a server', async () => {
    const database = await createTestDatabase(named.server);
    const owner = await openAs(database, 'owner');
    const name = `trader_${database.name.slice(-6)}`;
    await grantReader(owner, name);
    const rows = await owner.query(
      `select rolname as name, rolconnlimit as connections from pg_catalog.pg_roles
        where rolname in ($1, 'sluice_reader') order by rolconnlimit`,
      [name],
    );
    expect(rows).toEqual([
      { name, connections: 4 },
      { name: 'sluice_reader', connections: 8 },
    ]);
    await owner.close();
    const superuser = await openAs(database, 'superuser');
    await superuser.run(`drop role ${name}`);
    await superuser.close();
  });

  test.each([
    '',
    'postgres',
    'sluice_owner',
    'pg_monitor',
    'Robert"; drop table x; --',
    'a'.repeat(64),
  ])('a reader is not named %j', async (name) => {
    const database = await createTestDatabase(named.server);
    const owner = await openAs(database, 'owner');
    await expect(grantReader(owner, name)).rejects.toMatchObject({ code: 'CONFIGURATION' });
    await owner.close();
  });

  test('a name that Postgres would cut is refused by its length', async () => {
    const database = await createTestDatabase(named.server);
    const owner = await openAs(database, 'owner');
    await expect(grantReader(owner, 'a'.repeat(64))).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: 'grant: the name has 64 bytes, and Postgres takes 63 at most; choose a shorter one',
    });
    await owner.close();
  });

  test('a role that is no reader is not made one', async () => {
    const database = await createTestDatabase(named.server);
    const superuser = await openAs(database, 'superuser');
    const name = `other_${database.name.slice(-6)}`;
    await superuser.run(`create role ${name}`);
    await expect(grantReader(superuser, name)).rejects.toThrow(/exists, and is no reader/);
    await superuser.run(`drop role ${name}`);
    await superuser.close();
  });
});
