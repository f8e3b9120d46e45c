import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { DuckDbWarehouse } from '../src/duckdb-warehouse.ts';
import type { OpenOptions } from '../src/duckdb-warehouse.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function open(path: string, options: Partial<OpenOptions> = {}): Promise<DuckDbWarehouse> {
  const warehouse = await DuckDbWarehouse.open({
    path,
    access: 'write',
    lockTimeoutMs: 0,
    ...options,
  });
  onTestFinished(() => {
    warehouse.close();
  });
  return warehouse;
}

/** A process that holds a warehouse until its standard input ends. */
async function holdInAnotherProcess(path: string) {
  const script = `
    import { DuckDBInstance } from '@duckdb/node-api';
    const instance = await DuckDBInstance.create(${JSON.stringify(path)});
    process.stdout.write('held');
    process.stdin.on('end', () => { instance.closeSync(); process.exit(0); }).resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return {
    processId: child.pid,
    release: () => {
      child.stdin.end();
    },
  };
}

describe('DuckDbWarehouse', () => {
  test('gives integers as numbers where they are exact, and as bigint where not', async () => {
    const warehouse = await open(join(await temporaryFolder(), 'w.db'));
    const row = await warehouse.row(
      z.object({ small: z.number(), large: z.bigint(), none: z.null() }),
      'select 9007199254740991 as small, 9007199254740993 as large, null::bigint as none',
    );
    expect(row).toEqual({
      small: 9_007_199_254_740_991,
      large: 9_007_199_254_740_993n,
      none: null,
    });
  });

  test('takes time stamps as UTC whatever the zone of the machine', async () => {
    const warehouse = await open(join(await temporaryFolder(), 'w.db'));
    const { text } = await warehouse.row(
      z.object({ text: z.string() }),
      `select (timestamptz '2020-07-01 12:00:00+02')::timestamp::varchar as text`,
    );
    expect(text).toBe('2020-07-01 10:00:00');
  });

  test('loads and installs nothing', async () => {
    const warehouse = await open(join(await temporaryFolder(), 'w.db'));
    await expect(warehouse.run(`from 'https://localhost:1/x.parquet'`)).rejects.toThrow(/httpfs/);
  });

  test('commits all of a transaction, or nothing, and passes on what went wrong', async () => {
    const warehouse = await open(join(await temporaryFolder(), 'w.db'));
    await warehouse.run('create table t (a integer)');
    const failure = new TypeError('in the middle');
    await expect(
      warehouse.transaction(async () => {
        await warehouse.run('insert into t values (1)');
        throw failure;
      }),
    ).rejects.toBe(failure);
    await warehouse.transaction(() => warehouse.run('insert into t values (2)'));
    expect(await warehouse.rows(z.object({ a: z.int() }), 'from t')).toEqual([{ a: 2 }]);
  });

  test('does not make a file only to read it', async () => {
    const path = join(await temporaryFolder(), 'w.db');
    await expect(open(path, { access: 'read' })).rejects.toMatchObject({ code: 'MISSING' });
    expect(existsSync(path)).toBe(false);
  });

  test('names the process that holds the file, once the wait is over', async () => {
    const path = join(await temporaryFolder(), 'w.db');
    const holder = await holdInAnotherProcess(path);
    const waits: string[] = [];
    const opening = open(path, {
      // Longer than the first try takes on a busy machine.
      lockTimeoutMs: 1_000,
      onLockWait: (name) => {
        waits.push(name);
      },
    });
    await expect(opening).rejects.toMatchObject({
      code: 'LOCKED',
      retryable: true,
      holderProcessId: holder.processId,
    });
    await expect(opening).rejects.toThrow(`process ${String(holder.processId)}`);
    expect(waits).toHaveLength(1);
  });

  test('opens the file as soon as its holder lets go of it', async () => {
    const path = join(await temporaryFolder(), 'w.db');
    const holder = await holdInAnotherProcess(path);
    const warehouse = await open(path, { lockTimeoutMs: 30_000, onLockWait: holder.release });
    await warehouse.run('create table t (a integer)');
  });

  test('stops waiting when it is told to', async () => {
    const path = join(await temporaryFolder(), 'w.db');
    await holdInAnotherProcess(path);
    const stop = new AbortController();
    const opening = open(path, {
      lockTimeoutMs: 30_000,
      signal: stop.signal,
      onLockWait: () => {
        stop.abort();
      },
    });
    await expect(opening).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
