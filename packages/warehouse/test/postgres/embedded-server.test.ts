import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { EmbeddedServer } from '../../src/postgres/embedded/embedded-server.ts';
import { canReach } from '../../src/postgres/embedded/server-account.ts';
import { readRunningServer } from '../../src/postgres/embedded/server-process.ts';
import { openPostgres, withRetry } from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';

const program = new URL('embedded-user.ts', import.meta.url).pathname;
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const nobodysAccount = { uid: nobody, gid: nobody };
/** In a checkout under /root, nobody but root can run anything. */
const canRunAsNobody =
  isRoot && [process.execPath, program].every((path) => canReach(nobodysAccount, dirname(path)));

let parent: string;
let home: string;
let children: ChildProcess[];
let opened: PostgresDatabase[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'sluice-embedded-'));
  home = join(parent, `a home, it's "quoted" $HOME %s`);
  children = [];
  opened = [];
});

afterEach(async () => {
  await Promise.allSettled(opened.map((db) => db.close()));
  for (const child of children) {
    child.kill('SIGKILL');
  }
  await waitUntil(() =>
    children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
  );
  // An orphaned initdb still has a moment to write.
  await waitUntil(async () => {
    await EmbeddedServer.stopUnused(join(home, 'postgres')).catch(() => undefined);
    await rm(parent, { recursive: true, force: true }).catch(() => undefined);
    return !existsSync(parent);
  });
});

async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) {
      throw new Error('waited for too long');
    }
    await delay(5);
  }
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

function start(rounds: number, mark: string, account?: Account): ChildProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=@sluice/source', program, home, String(rounds), mark],
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true, ...account },
  );
  children.push(child);
  return child;
}

/** The first line that a child says: the URL of its server. */
async function urlOf(child: ChildProcess): Promise<string> {
  const errors = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const said: unknown[] = await Promise.race([
    once(child.stdout ?? child, 'data'),
    once(child, 'exit').then(async () => {
      throw new Error(`it ended: ${await errors}`);
    }),
  ]);
  return String(said[0]).trim();
}

async function end(child: ChildProcess): Promise<number | null> {
  child.stdin?.end();
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit');
  }
  return child.exitCode;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await end(child);
}

function running() {
  return readRunningServer(join(home, 'postgres', 'data'));
}

async function open(): Promise<PostgresDatabase> {
  const db = await openPostgres({ home, role: 'owner', applicationName: 'test', poolSize: 2 });
  opened.push(db);
  return db;
}

async function marks(db: PostgresDatabase): Promise<string[]> {
  const rows = await db.rows(
    z.object({ mark: z.string() }),
    'select mark from public.seen order by mark',
  );
  return rows.map(({ mark }) => mark);
}

describe('an embedded server', () => {
  test('serves UTF-8 by code point on loopback only, under roles whose passwords only its owner may read', async () => {
    const db = await open();
    expect(
      await db.query(
        `select current_user, current_database(), current_setting('listen_addresses') as listens,
                current_setting('jit') as jit, datlocprovider, datlocale, pg_encoding_to_char(encoding) as encoding,
                'é' > 'z' as "byCodePoint", upper('é') as upper
           from pg_database where datname = current_database()`,
      ),
    ).toEqual([
      {
        current_user: 'sluice_owner',
        current_database: 'sluice',
        listens: '127.0.0.1',
        jit: 'off',
        datlocprovider: 'b',
        datlocale: 'C.UTF-8',
        encoding: 'UTF8',
        byCodePoint: true,
        upper: 'É',
      },
    ]);
    const passwords = readFileSync(join(home, 'postgres', 'passwords.json'), 'utf8');
    expect(passwords).toContain(new URL(db.url('owner')).password);
    await expect(
      openPostgres({
        url: db.url('owner').replace(/:[^:@]+@/, ':wrong@'),
        home,
        role: 'owner',
        applicationName: 'test',
        poolSize: 1,
      }),
    ).rejects.toMatchObject({ code: 'AUTHENTICATION' });
    await db.close();
    expect(running()).toBeUndefined();
  });

  test('is started once and joined, however many begin at the same moment, and stops with the last', async () => {
    const users = Array.from({ length: 8 }, (_, n) => start(0, String(n)));
    const urls = await Promise.all(users.map(urlOf));
    expect(new Set(urls).size).toBe(1);
    const leaving = users.slice(1);
    expect(await Promise.all(leaving.map(end))).toEqual(leaving.map(() => 0));
    expect(running()).toMatchObject({ status: 'ready' });
    const [last] = users;
    expect(await end(last as ChildProcess)).toBe(0);
    expect(running()).toBeUndefined();
    expect(readdirSync(join(home, 'postgres')).sort()).toEqual(
      ['data', 'log', 'passwords.json', 'port', 'starting', 'stopping', 'users'].sort(),
    );
    const db = await open();
    expect(await marks(db)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    await db.close();
  });

  test('outlives a killed starter, and is found and reused at the same port', async () => {
    const starter = start(0, 'starter');
    const url = await urlOf(starter);
    const server = running();
    await kill(starter);
    expect(running()).toEqual(server);
    const db = await open();
    expect(db.url('owner')).toBe(url);
    expect(await marks(db)).toEqual(['starter']);
    await db.close();
    expect(running()).toBeUndefined();
    const again = await open();
    expect(again.url('owner')).toBe(url);
    await again.close();
  });

  test('does not mind a Ctrl-C to the group of its starter', async () => {
    const starter = start(0, 'starter');
    await urlOf(starter);
    process.kill(-(starter.pid ?? 0), 'SIGINT');
    const db = await open();
    expect(await marks(db)).toEqual(['starter']);
    await db.close();
    expect(running()).toMatchObject({ status: 'ready' });
    expect(await end(starter)).toBe(0);
    expect(running()).toBeUndefined();
  });

  test('starts after any kill in the middle of a start, and keeps what was committed', async () => {
    const seed = Math.random();
    let said = 0;
    for (let round = 0; round < 12; round += 1) {
      const child = start(1, 'killed');
      child.stdout?.on('data', () => {
        said += 1;
      });
      // From before the first file to after the end, and each time elsewhere.
      await delay(((seed + round / 12) % 1) * 1_200);
      child.kill('SIGKILL');
      await end(child);
    }
    const db = await open();
    await db.run('create table if not exists public.seen (mark text)');
    expect((await marks(db)).length, `seed ${seed}`).toBeGreaterThanOrEqual(said);
    await db.close();
    expect(running()).toBeUndefined();
    // An initdb that has lost its starter may still write its draft; who starts later removes it.
    await waitUntil(async () => {
      await (await open()).close();
      return !readdirSync(join(home, 'postgres')).some((name) => name.startsWith('new-'));
    });
  });

  test('comes and goes with users that come and go all the time, and fails none of them', async () => {
    const users = Array.from({ length: 4 }, (_, n) => start(6, String(n)));
    const errors = users.map(async (user) => (user.stderr === null ? '' : text(user.stderr)));
    expect(await Promise.all(users.map(end)), (await Promise.all(errors)).join('')).toEqual([
      0, 0, 0, 0,
    ]);
    expect(running()).toBeUndefined();
    const db = await open();
    expect(await marks(db)).toHaveLength(24);
    await db.close();
  });

  test('is not misled by a lock file whose process number is somebody else now', async () => {
    await (await open()).close();
    const lockFile = join(home, 'postgres', 'data', 'postmaster.pid');
    await writeFile(
      lockFile,
      `${process.pid}\n/proc/self/cwd\n1\n1\n\n127.0.0.1\n  1 1\nready   \n`,
    );
    const db = await open();
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await db.close();
  });

  test('takes another port where the one it had is taken', async () => {
    const first = await open();
    const port = Number(new URL(first.url('owner')).port);
    await first.close();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const db = await open();
    expect(Number(new URL(db.url('owner')).port)).not.toBe(port);
    await db.close();
    other.close();
  });

  test('is started again when it dies while it is used', async () => {
    const db = await open();
    await db.run('create table public.seen (mark text)');
    await db.run(`insert into public.seen values ('before')`);
    const server = running();
    process.kill(server?.processId ?? 0, 'SIGKILL');
    await waitUntil(() => running() === undefined);
    const kept = await withRetry(() => marks(db), { retryForMs: 30_000 });
    expect(kept).toEqual(['before']);
    await db.close();
    expect(running()).toBeUndefined();
  });

  test('is started again once where all connections of several processes lose it at one moment', async () => {
    const dbs = [await open(), await open(), await open()];
    const startOf = async (db: PostgresDatabase) => {
      const { begun } = await db.row(
        z.object({ begun: z.string() }),
        'select pg_postmaster_start_time()::text as begun',
      );
      return begun;
    };
    // A connection's own process may answer once more before it finds that the server is gone.
    const startAfter = async (db: PostgresDatabase, killed: string): Promise<string> => {
      const begun = await withRetry(() => startOf(db), { retryForMs: 30_000, isRepeatable: true });
      return begun === killed ? startAfter(db, killed) : begun;
    };
    let before = await startOf(dbs[0] as PostgresDatabase);
    for (let round = 0; round < 3; round += 1) {
      const server = running();
      process.kill(server?.processId ?? 0, 'SIGKILL');
      await waitUntil(() => running() === undefined);
      const killed = before;
      const begun = await Promise.all([...dbs, ...dbs].map((db) => startAfter(db, killed)));
      expect(new Set(begun).size).toBe(1);
      before = begun[0] ?? before;
    }
  });

  test('does not take a folder for a data folder that is none', async () => {
    mkdirSync(join(home, 'postgres', 'data'), { recursive: true });
    chownSync(join(home, 'postgres', 'data'), isRoot ? nobody : (process.getuid?.() ?? 0), nobody);
    await expect(open()).rejects.toMatchObject({
      code: 'EMBEDDED',
      message: expect.stringContaining('is no data folder of Postgres') as string,
    });
  });

  test('says so where the passwords are not those of its data', async () => {
    await (await open()).close();
    await rm(join(home, 'postgres', 'passwords.json'));
    await expect(open()).rejects.toMatchObject({
      code: 'EMBEDDED',
      message: expect.stringContaining('restore the file') as string,
    });
    expect(running()).toBeUndefined();
  });

  test('removes what a killed process had begun to make', async () => {
    const draft = join(home, 'postgres', 'new-1-0.00000000+0');
    mkdirSync(join(draft, 'data'), { recursive: true });
    await (await open()).close();
    mkdirSync(join(draft, 'data'), { recursive: true });
    await (await open()).close();
    expect(existsSync(draft)).toBe(false);
  });

  test('refuses data of another major version, and says what to do', async () => {
    await (await open()).close();
    await writeFile(join(home, 'postgres', 'data', 'PG_VERSION'), '17\n');
    await expect(open()).rejects.toThrow(/is of Postgres 17, and this is 18; dump it/);
  });

  test('runs in a folder whose path is longer than Postgres can keep', async () => {
    home = join(parent, ...Array.from({ length: 10 }, () => 'x'.repeat(120)));
    const db = await open();
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await db.close();
  });

  test('stops a start when it is asked to, and leaves nothing of it', async () => {
    const controller = new AbortController();
    const opening = openPostgres({
      home,
      role: 'owner',
      applicationName: 'test',
      poolSize: 1,
      signal: controller.signal,
    });
    await waitUntil(() => existsSync(join(home, 'postgres', 'users')));
    await delay(50);
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(join(home, 'postgres')).filter((name) => name.startsWith('new-'))).toEqual(
      [],
    );
    expect(readdirSync(join(home, 'postgres', 'users'))).toEqual([]);
  });

  test.runIf(isRoot)(
    'runs for root also where the folders above it are closed to all others',
    async () => {
      chmodSync(parent, 0o700);
      const db = await open();
      expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
      await db.close();
      const again = await open();
      expect(await again.query('select 1 as one')).toEqual([{ one: 1 }]);
      await again.close();
      expect(running()).toBeUndefined();
    },
  );

  test.runIf(canRunAsNobody)('runs for an account that is not root, and under it', async () => {
    chmodSync(parent, 0o755);
    mkdirSync(home);
    chownSync(home, nobody, nobody);
    const users = [start(0, 'a', nobodysAccount), start(0, 'b', nobodysAccount)];
    const [url, other] = await Promise.all(users.map(urlOf));
    expect(other).toBe(url);
    expect(await Promise.all(users.map(end))).toEqual([0, 0]);
    expect(running()).toBeUndefined();
  });

  test.runIf(canRunAsNobody)('says whose it is where this account may not use it', async () => {
    await (await open()).close();
    chmodSync(parent, 0o755);
    const child = start(0, 'x', nobodysAccount);
    await expect(urlOf(child)).rejects.toThrow(/this account may not; use the one that made it/);
  });
});
