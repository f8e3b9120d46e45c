import { DuckDbWarehouse } from '@sluice/warehouse';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { exportCommand } from '../../src/export/export-command.ts';
import { exportedNames, exportedRelations } from '../../src/export/exported-relations.ts';
import { writeExport } from '../../src/export/write-export.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

let warehouse: LoadedWarehouse;

/** Votes, a conflict, and lines in quarantine that spreadsheets would run or that break a CSV. */
beforeAll(async () => {
  warehouse = new LoadedWarehouse(await mkdtemp(join(tmpdir(), 'votes-ingest-')));
  await warehouse.load('=votes.jsonl', [
    voteLine(1),
    voteLine(2),
    '=cmd|calc',
    '@x,"y"',
    '\t-tab',
    'ä ＝1',
  ]);
  await warehouse.load('more.jsonl', [voteLine(2, 7), voteLine(3)]);
});

afterAll(async () => {
  await rm(warehouse.folder, { recursive: true, force: true });
});

async function exportTo(name: string, out: string, overwrite = false) {
  const context = fakeContext(warehouse.path);
  expect(await exportCommand(context, { args: [name], out, overwrite })).toBe(0);
  return context;
}

async function rowsOf(path: string): Promise<Record<string, unknown>[]> {
  const reader = await DuckDbWarehouse.open({
    path: `${path}.db`,
    access: 'write',
    lockTimeoutMs: 0,
  });
  const source = path.endsWith('.csv')
    ? `read_csv('${path}', all_varchar = true, header = true)`
    : `read_parquet('${path}')`;
  const rows = await reader.rows(z.record(z.string(), z.unknown()), `from ${source}`);
  reader.close();
  return rows;
}

test('Parquet has the types and the rows of the table', async () => {
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, 'votes.parquet');
    const context = await exportTo('votes', out);
    expect(context.printed()).toBe('');
    expect(context.said()).toMatch(/^votes-ingest: wrote 3 rows of votes, \d+ bytes, to .*\n$/);
    const rows = await rowsOf(out);
    expect(rows).toEqual(await warehouse.rows('from blog_analysis.votes'));
    expect(rows[0]?.['CreationDate']).toEqual(new Date('2022-05-04T00:00:00Z'));
  });
});

test('CSV gives instants in UTC and leaves absent values empty', async () => {
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, 'votes.csv');
    await exportTo('votes', out);
    expect((await readFile(out, 'utf8')).split('\n').slice(0, 2)).toEqual([
      'Id,PostId,VoteTypeId,UserId,CreationDate,BountyAmount,FileId',
      '1,1,2,,2022-05-04T00:00:00.000000Z,,1',
    ]);
  });
});

test('CSV makes text harmless, and changes nothing else', async () => {
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, 'quarantine.csv');
    await exportTo('quarantine', out);
    const rows = await rowsOf(out);
    expect(rows.map((row) => row['raw'])).toEqual(["'=cmd|calc", `'@x,"y"`, "'\t-tab", 'ä ＝1']);
    expect(rows[0]?.['file']).toBe(join(warehouse.folder, '=votes.jsonl'));
  });
});

test.each(exportedNames)(
  '%s is the same as CSV on standard output and as Parquet',
  async (name) => {
    await withTemporaryFolder(async (folder) => {
      const csv = join(folder, 'x.csv');
      const parquet = join(folder, 'x.parquet');
      await exportTo(name, csv);
      await exportTo(name, parquet);
      const context = await exportTo(name, '-');
      expect(context.printed()).toBe(await readFile(csv, 'utf8'));
      expect(context.said()).toBe('');
      const rows = await rowsOf(csv);
      expect(rows.length).toBeGreaterThan(name === 'outlier_weeks' ? -1 : 0);
      expect(await rowsOf(parquet)).toHaveLength(rows.length);
      expect((await readFile(csv, 'utf8')).split('\n')[0]).toBe(
        Object.keys(exportedRelations[name].columns).join(','),
      );
    });
  },
);

test('a file is replaced only where that is asked for', async () => {
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, 'runs.csv');
    await writeFile(out, 'mine');
    const run = exportTo('runs', out);
    await expect(run).rejects.toMatchObject({ name: 'CommandError', exitCode: 1 });
    await expect(run).rejects.toThrow('--overwrite');
    expect(await readFile(out, 'utf8')).toBe('mine');
    await exportTo('runs', out, true);
    expect(await readFile(out, 'utf8')).toContain('run_id');
  });
});

test('a file that someone makes meanwhile is not replaced', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'late.csv');
    await writeFile(path, 'mine');
    await warehouse.use('read', async (opened) => {
      const target = { path, overwrite: false, doing: 'export' };
      const options = { sql: 'select 1', kind: 'csv', target } as const;
      await expect(writeExport(opened, options)).rejects.toThrow('it exists');
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

test('a failure leaves nothing behind, and keeps what was there', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'x.csv');
    await writeFile(path, 'mine');
    await warehouse.use('read', async (opened) => {
      const sql = `select case when Id = 3 then error('boom') else Id end from blog_analysis.votes`;
      const target = { path, overwrite: true, doing: 'export' };
      const options = { sql, kind: 'csv', target } as const;
      await expect(writeExport(opened, options)).rejects.toThrow('boom');
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

test('a path is taken literally, whatever is in it', async () => {
  await withTemporaryFolder(async (folder) => {
    const odd = join(folder, `it's a "folder" {x} *`);
    await mkdir(odd);
    const out = join(odd, `o'ne.csv`);
    await exportTo('vote_types', out);
    expect(await readdir(odd)).toEqual([`o'ne.csv`]);
  });
});

test('a link with nothing behind it is not followed', async () => {
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, 'link.csv');
    await symlink(join(folder, 'nowhere', 'x.csv'), out);
    await expect(exportTo('runs', out)).rejects.toThrow('it exists');
  });
});

test.each([
  ['nothing', 'x.csv', 2, 'votes, outlier_weeks'],
  ['toString', 'x.csv', 2, 'votes, outlier_weeks'],
  ['runs', 'x.txt', 2, '.parquet or .csv'],
  ['runs', 'x', 2, '.parquet or .csv'],
  ['runs', 'no/such/folder/x.csv', 1, 'no folder'],
  ['runs', 'folder.csv', 1, 'a folder'],
])('what can not be exported is refused: %s to %s', async (name, out, exitCode, message) => {
  await withTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'folder.csv'));
    const run = exportTo(name, join(folder, out));
    await expect(run).rejects.toMatchObject({ name: 'CommandError', exitCode });
    await expect(run).rejects.toThrow(message);
  });
});

test('a signal stops an export and removes what it began', async () => {
  await withTemporaryFolder(async (folder) => {
    const stop = new AbortController();
    stop.abort();
    const context = fakeContext(warehouse.path, { signal: stop.signal });
    const out = join(folder, 'x.csv');
    await expect(exportCommand(context, { args: ['votes'], out })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('x.'))).toEqual([]);
  });
});
