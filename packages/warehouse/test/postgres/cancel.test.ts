import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { postgresAt } from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createTestDatabase, DatabaseProxy, openAs } from '../../src/postgres/testing.ts';
import type { TestDatabase } from '../../src/postgres/testing.ts';
import { servers } from './databases.ts';

const asleep = `select count(*) as asleep from pg_stat_activity
  where datname = current_database() and state = 'active' and query like 'select pg_sleep%'`;

describe.each(servers)('a read on $label', (named) => {
  let database: TestDatabase;
  let watcher: PostgresDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(named.server);
    watcher = await openAs(database, 'superuser');
  });

  afterAll(async () => {
    await watcher.close();
  });

  test('that is aborted ends at once, here and at the server, and the next one is answered', async () => {
    const db = await openAs(database, 'superuser', { poolSize: 1 });
    onTestFinished(() => db.close());
    const abort = new AbortController();
    const read = db.read((tx) => tx.query('select pg_sleep(600)'), { signal: abort.signal });
    const ended = expect(read).rejects.toMatchObject({ code: 'CANCELLED', retryable: false });
    await expect.poll(() => watcher.query(asleep)).toEqual([{ asleep: 1 }]);
    abort.abort();
    await ended;
    await expect.poll(() => watcher.query(asleep)).toEqual([{ asleep: 0 }]);
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('that is aborted while it waits for a connection leaves it to the next one', async () => {
    const db = await openAs(database, 'superuser', { poolSize: 1 });
    onTestFinished(() => db.close());
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
    const holder = db.read(() => held);
    const abort = new AbortController();
    const waiting = db.read((tx) => tx.query('select 1'), { signal: abort.signal });
    const ended = expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    abort.abort();
    await ended;
    release(undefined);
    await holder;
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('whose signal was aborted before asks nothing', async () => {
    const signal = AbortSignal.abort();
    await expect(watcher.read((tx) => tx.query('select 1'), { signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  test('over a connection that went dead ends when it is aborted, and the next one has a new one', async () => {
    const url = database.url('superuser');
    const proxy = await DatabaseProxy.start(url);
    onTestFinished(() => proxy.stop());
    const db = postgresAt({
      url: proxy.urlOf(url),
      role: 'owner',
      applicationName: 'sluice-test',
      poolSize: 1,
    });
    onTestFinished(() => db.close());
    await db.query('select 1');
    proxy.decide = () => 'lose';
    const abort = new AbortController();
    const read = db.read((tx) => tx.query('select 1'), { signal: abort.signal });
    const ended = expect(read).rejects.toMatchObject({ code: 'CANCELLED' });
    abort.abort();
    await ended;
    proxy.decide = () => 'pass';
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

test('a database that nobody answers for is one all the same, until it is asked', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  server.close();
  const options = { role: 'metrics', applicationName: 'sluice-test', poolSize: 1 } as const;
  const db = postgresAt({ ...options, url: `postgres://u:secret@127.0.0.1:${port}/d` });
  await expect(db.query('select 1')).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await db.close();
  expect(() => postgresAt({ ...options, url: 'http://u:secret@h/' })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION' }),
  );
});
