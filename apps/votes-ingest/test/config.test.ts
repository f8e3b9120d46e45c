import { readConfig } from '@sluice/command-line';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { configSource } from '../src/config.ts';
import { withTemporaryFolder } from './temporary-folder.ts';

/** Reads the configuration with a file of this content. */
async function readWithFile(
  content: unknown,
  {
    flags = {},
    environment = {},
  }: {
    readonly flags?: Readonly<Record<string, unknown>>;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
) {
  return withTemporaryFolder(async (folder) => {
    const config = join(folder, 'settings.json');
    await writeFile(config, typeof content === 'string' ? content : JSON.stringify(content));
    return readConfig(configSource, { config, ...flags }, environment);
  });
}

describe('a setting', () => {
  test('is taken from a flag before the environment before the file before the default', async () => {
    const file = { onConflict: 'fail', lockTimeout: '3s', maxQuarantined: 7, warehouse: 'file.db' };
    const config = await readWithFile(file, {
      flags: { onConflict: 'first' },
      environment: {
        SLUICE_ON_CONFLICT: 'last',
        SLUICE_LOCK_TIMEOUT: '250ms',
        SLUICE_WAREHOUSE: '',
      },
    });
    expect(config).toMatchObject({
      onConflict: 'first',
      lockTimeout: 250,
      maxQuarantined: { text: '7' },
      warehouse: 'file.db',
    });
    expect(readConfig(configSource, {}, {})).toMatchObject({
      onConflict: 'last',
      lockTimeout: 10_000,
      warehouse: 'warehouse.db',
    });
  });

  test.each([
    [{ threads: '0' }, '--threads'],
    [{ threads: '1025' }, '--threads'],
    [{ threads: '1e1' }, '--threads'],
    [{ threads: '0x2' }, '--threads'],
    [{ threads: ' 2' }, '--threads'],
    [{ threads: '' }, '--threads'],
    [{ lockTimeout: '5' }, '--lock-timeout'],
    [{ lockTimeout: '-5s' }, '--lock-timeout'],
    [{ lockTimeout: '5 s' }, '--lock-timeout'],
    [{ lockTimeout: 'Infinitys' }, '--lock-timeout'],
    [{ memoryLimit: '1' }, '--memory-limit'],
    [{ memoryLimit: '0%' }, '--memory-limit'],
    [{ memoryLimit: '0.0GB' }, '--memory-limit'],
    [{ memoryLimit: "1GB'; drop schema ops" }, '--memory-limit'],
    [{ maxQuarantined: '-1' }, '--max-quarantined'],
    [{ onConflict: 'LAST' }, '--on-conflict'],
    [{ warehouse: '' }, '--warehouse'],
    [{ warehouse: 'data/Ops.db' }, '--warehouse'],
    [{ warehouse: 'blog_analysis' }, '--warehouse'],
    [{ warehouse: '/x/spool.2024.db' }, '--warehouse'],
    [{ publish: '' }, '--publish'],
    [{ tempDirectory: '' }, '--temp-directory'],
  ])('is refused by the name of its flag: %j', (flags, name) => {
    expect(() => readConfig(configSource, flags, {})).toThrow(`read configuration: ${name}: `);
  });

  test.each([
    [{ lockTimeout: '0ms' }, { lockTimeout: 0 }],
    [{ lockTimeout: '1.5s' }, { lockTimeout: 1_500 }],
    [{ lockTimeout: '2m' }, { lockTimeout: 120_000 }],
    [{ threads: '1024' }, { threads: 1_024 }],
    [{ memoryLimit: '1.5GiB' }, { memoryLimit: '1.5GiB' }],
    [{ memoryLimit: '80%' }, { memoryLimit: '80%' }],
    [{ warehouse: 'operations.db' }, { warehouse: 'operations.db' }],
    [{ warehouse: 'ops/votes.db' }, { warehouse: 'ops/votes.db' }],
  ])('is taken: %j', (flags, config) => {
    expect(readConfig(configSource, flags, {})).toMatchObject(config);
  });
});

describe('the file', () => {
  test.each([
    ['{"threads": true}', 'threads in '],
    ['{"warehouse": null}', 'warehouse in '],
    ['{"publish": ["a"]}', 'publish in '],
    ['{"lock-timeout": "1s"}', 'lock-timeout in '],
    ['{"SLUICE_THREADS": "1"}', 'SLUICE_THREADS in '],
  ])('is refused by the name in it: %s', async (content, name) => {
    await expect(readWithFile(content)).rejects.toThrow(`read configuration: ${name}`);
    await expect(readWithFile(content)).rejects.toMatchObject({ exitCode: 2 });
  });

  test.each(['', '{', '[]', 'null', '"warehouse"', '{"threads": 2,}'])(
    'is refused where it is no object: %j',
    async (content) => {
      await expect(readWithFile(content)).rejects.toThrow('settings.json');
      await expect(readWithFile(content)).rejects.toMatchObject({ exitCode: 2 });
    },
  );

  test.each([
    ['votes.rows', { error: { min: 5 }, action: 'refuse' }],
    ['votes.id.unique', { action: 'quarantine' }],
    ['votes.day.volume', { error: { deviations: 9 }, action: 'refuse' }],
  ])('is refused where %s is to hold back a file, of which it is no check', async (id, check) => {
    const reading = readWithFile({ checks: { [id]: check } });
    await expect(reading).rejects.toThrow(
      `${id}: action: ${check.action} is for a check of a batch`,
    );
    await expect(reading).rejects.toMatchObject({ exitCode: 2 });
  });

  test('is refused where it was named and is not there', () => {
    expect(() => readConfig(configSource, {}, { SLUICE_CONFIG: '/no/such.json' })).toThrow(
      '/no/such.json',
    );
  });
});
