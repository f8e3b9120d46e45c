import { exitCodes, restoreReportSchema } from '@sluice/schemas';
import type { RestoreReport } from '@sluice/schemas';
import { statusFilePath, WarehouseError } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { backupCommand } from '../../src/backup/backup-command.ts';
import { restoreCommand } from '../../src/backup/restore-command.ts';
import { verifyWarehouse } from '../../src/verify/verify.ts';
import { openForReading } from '../../src/warehouse/open-warehouse.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { runScript, whileHeld } from './run-script.ts';

const oldVotes = 9;
const backupVotes = 5;

/** A folder with a warehouse of nine votes, and a backup from when it had five. */
let templateFolder: string;

beforeAll(async () => {
  templateFolder = await mkdtemp(join(tmpdir(), 'votes-ingest-'));
  await mkdir(join(templateFolder, 'live'));
  const loaded = new LoadedWarehouse(join(templateFolder, 'live'));
  const first = await loaded.load('a.jsonl', voteLines(1, backupVotes));
  const folder = join(templateFolder, 'backup');
  await backupCommand(fakeContext(loaded.path), { args: [folder], format: 'json' });
  const second = await loaded.load('b.jsonl', voteLines(backupVotes + 1, oldVotes));
  await rm(first);
  await rm(second);
});

afterAll(async () => {
  await rm(templateFolder, { recursive: true });
});

async function withBackup(
  use: (loaded: LoadedWarehouse, folder: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (root) => {
    await cp(templateFolder, root, { recursive: true });
    await use(new LoadedWarehouse(join(root, 'live')), join(root, 'backup'));
  });
}

async function restore(
  loaded: LoadedWarehouse,
  folder: string,
  { replace = false }: { readonly replace?: boolean } = {},
): Promise<RestoreReport> {
  const context = fakeContext(loaded.path);
  const exitCode = await restoreCommand(context, { args: [folder], replace, format: 'json' });
  expect(exitCode).toBe(exitCodes.done);
  return restoreReportSchema.parse(JSON.parse(context.printed()));
}

async function failedChecks(path: string): Promise<string[]> {
  const { checks } = await verifyWarehouse({
    warehouse: { path, lockTimeoutMs: 0 },
    signal: new AbortController().signal,
    now: new Date(),
  });
  return checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}

async function bytesOfAll(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), 'base64')] as const),
    ),
  );
}

async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  // In the first block behind the headers.
  bytes[12_288 + 1_000] = (bytes[12_288 + 1_000] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test('a backup becomes the warehouse where there is none, and that is on record', async () => {
  await withBackup(async (loaded, folder) => {
    const target = new LoadedWarehouse(join(loaded.folder, 'new', 'place'));

    const report = await restore(target, folder);

    expect(report).toMatchObject({
      warehouse: target.path,
      backup: { contents: { rows: backupVotes } },
      replaced: [],
    });
    expect(await target.votes()).toHaveLength(backupVotes);
    expect(await target.rows(`select outcome from ops.run where command = 'restore'`)).toEqual([
      { outcome: 'succeeded' },
    ]);
    expect((await readdir(target.folder)).sort()).toEqual([
      'warehouse.db',
      'warehouse.db.status.json',
    ]);
    expect(await failedChecks(target.path)).toEqual([]);
    expect(await failedChecks(join(folder, 'warehouse.db'))).toEqual([]);
  });
});

test('a warehouse that exists is refused without --replace, and stays as it was', async () => {
  await withBackup(async (loaded, folder) => {
    const before = await bytesOfAll(loaded.folder);

    await expect(restore(loaded, folder)).rejects.toMatchObject({ exitCode: exitCodes.failed });
    await expect(restore(loaded, folder)).rejects.toThrow(/exists; nothing was changed.*--replace/);

    expect(await bytesOfAll(loaded.folder)).toEqual(before);
  });
});

test('with --replace the old one is kept beside, whole, and brings no false lost tail', async () => {
  await withBackup(async (loaded, folder) => {
    const { replaced } = await restore(loaded, folder, { replace: true });

    const kept = `${loaded.path}.replaced-20260102T030405678Z`;
    expect(replaced).toEqual([kept, statusFilePath(kept)]);
    expect(await loaded.votes()).toHaveLength(backupVotes);
    expect(await failedChecks(loaded.path)).toEqual([]);
    expect(await failedChecks(kept)).toEqual([]);
  });
});

test("the old one's write-ahead log is folded in, and not mixed with the new one", async () => {
  await withBackup(async (loaded, folder) => {
    await loaded.run(
      'pragma disable_checkpoint_on_shutdown',
      'insert into blog_analysis.votes select * replace (Id + 100 as Id) from blog_analysis.votes',
    );

    const { replaced } = await restore(loaded, folder, { replace: true });

    expect(await loaded.votes()).toHaveLength(backupVotes);
    const kept = await openForReading({ path: replaced[0] ?? '', lockTimeoutMs: 0 });
    kept.close();
    await copyFile(replaced[0] ?? '', loaded.path);
    expect(await loaded.votes()).toHaveLength(2 * oldVotes);
  });
});

describe('a warehouse that can not be opened is replaced all the same', () => {
  test('one that is gone, with its status left behind: it needs no --replace', async () => {
    await withBackup(async (loaded, folder) => {
      await rm(loaded.path);

      const { replaced } = await restore(loaded, folder);

      expect(replaced).toEqual([`${loaded.path}.replaced-20260102T030405678Z.status.json`]);
      expect(await loaded.votes()).toHaveLength(backupVotes);
      expect(await failedChecks(loaded.path)).toEqual([]);
    });
  });

  test('one whose log is garbage: both are kept, as a pair', async () => {
    await withBackup(async (loaded, folder) => {
      await loaded.run(
        'pragma disable_checkpoint_on_shutdown',
        'insert into blog_analysis.votes select * replace (Id + 9 as Id) from blog_analysis.votes',
      );
      const wal = await readFile(`${loaded.path}.wal`);
      wal.fill(0xff, 64, 512);
      await writeFile(`${loaded.path}.wal`, wal);

      const { replaced } = await restore(loaded, folder, { replace: true });

      const kept = `${loaded.path}.replaced-20260102T030405678Z`;
      expect(replaced).toEqual([kept, `${kept}.wal`, statusFilePath(kept)]);
      expect(await readFile(`${kept}.wal`)).toEqual(wal);
      expect(existsSync(`${loaded.path}.wal`)).toBe(false);
      expect(await loaded.votes()).toHaveLength(backupVotes);
      expect(await failedChecks(loaded.path)).toEqual([]);
    });
  });

  test('some other file', async () => {
    await withBackup(async (loaded, folder) => {
      await writeFile(loaded.path, 'no warehouse'.repeat(10_000));

      const { replaced } = await restore(loaded, folder, { replace: true });

      expect(await readFile(replaced[0] ?? '', 'utf8')).toMatch(/^no warehouse/);
      expect(await failedChecks(loaded.path)).toEqual([]);
    });
  });
});

describe('a backup that is not what its manifest says is refused, and nothing is changed', () => {
  test.each([
    ['a flipped bit', (folder: string) => flipBit(join(folder, 'warehouse.db')), /SHA-256/],
    [
      'a database cut short',
      async (folder: string) => {
        await writeFile(join(folder, 'warehouse.db'), 'short');
      },
      /has 5 bytes/,
    ],
    ['no database', (folder: string) => rm(join(folder, 'warehouse.db')), /ENOENT/],
    [
      'no manifest',
      (folder: string) => rm(join(folder, 'manifest.json')),
      /there is no .*manifest/,
    ],
    [
      'a manifest of garbage',
      (folder: string) => writeFile(join(folder, 'manifest.json'), '{"manifestVersion":1}'),
      /is no manifest that this version knows/,
    ],
    [
      'a manifest of more rows',
      async (folder: string) => {
        const path = join(folder, 'manifest.json');
        await writeFile(path, (await readFile(path, 'utf8')).replace('"rows": 5', '"rows": 6'));
      },
      /it holds \{"rows":5.*where \{"rows":6/,
    ],
  ])('%s', async (_, harm, message) => {
    await withBackup(async (loaded, folder) => {
      await harm(folder);
      const before = await bytesOfAll(loaded.folder);

      const restoring = restore(loaded, folder, { replace: true });

      await expect(restoring).rejects.toMatchObject({ exitCode: exitCodes.failed });
      await expect(restoring).rejects.toThrow(message);
      await expect(restoring).rejects.toThrow(/Nothing was changed/);
      expect(await bytesOfAll(loaded.folder)).toEqual(before);
    });
  });
});

test.each(['read', 'write'] as const)(
  'a warehouse that another process has open to %s is not replaced',
  async (access) => {
    await withBackup(async (loaded, folder) => {
      const before = await readdir(loaded.folder);
      await whileHeld(loaded.path, access, async () => {
        await expect(restore(loaded, folder, { replace: true })).rejects.toMatchObject({
          code: 'LOCKED',
        });
      });
      expect(await readdir(loaded.folder)).toEqual(before);
      expect(await loaded.votes()).toHaveLength(oldVotes);
    });
  },
);

/** Restores in another process, which dies before a step. */
async function dieBefore(step: string, loaded: LoadedWarehouse, folder: string): Promise<void> {
  expect(await runScript('./restore-and-die.ts', [folder, loaded.path, step])).toBe('SIGKILL');
}

test.each([
  ['keep the old database', oldVotes],
  ['take the old status away', oldVotes],
  ['put the new database in its place', oldVotes],
  ['end', backupVotes],
])('killed before "%s" there is one whole warehouse, and no lost tail', async (step, votes) => {
  await withBackup(async (loaded, folder) => {
    await dieBefore(step, loaded, folder);

    expect(await loaded.votes()).toHaveLength(votes);
    expect(await failedChecks(loaded.path)).not.toContain('status.lost_tail');
    const warehouse = await openForReading({ path: loaded.path, lockTimeoutMs: 0 });
    warehouse.close();

    await restore(loaded, folder, { replace: true });
    expect(await loaded.votes()).toHaveLength(backupVotes);
    expect(await failedChecks(loaded.path)).toEqual([]);
    expect((await readdir(loaded.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

test.each([
  ['write the new status', 'DAMAGED'],
  ['keep the database', 'DAMAGED'],
  ['keep the log', 'LOST_TAIL'],
  ['put the new database in its place', 'LOST_TAIL'],
  ['end', undefined],
])('killed before "%s" a damaged one never seems sound', async (step, code) => {
  await withBackup(async (loaded, folder) => {
    await loaded.run(
      'pragma disable_checkpoint_on_shutdown',
      'insert into blog_analysis.votes select * replace (Id + 9 as Id) from blog_analysis.votes',
    );
    const wal = await readFile(`${loaded.path}.wal`);
    wal.fill(0xff, 64, 512);
    await writeFile(`${loaded.path}.wal`, wal);

    await dieBefore(step, loaded, folder);

    const opening = openForReading({ path: loaded.path, lockTimeoutMs: 0 });
    if (code === undefined) {
      (await opening).close();
    } else {
      await expect(opening).rejects.toBeInstanceOf(WarehouseError);
      await expect(opening).rejects.toMatchObject({ code });
    }
    await restore(loaded, folder, { replace: true });
    expect(await loaded.votes()).toHaveLength(backupVotes);
    expect(await failedChecks(loaded.path)).toEqual([]);
  });
});
