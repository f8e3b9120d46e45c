import { exitCodes, ingestReportSchema } from '@sluice/schemas';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { CliProcess } from '../cli/cli-process.ts';
import type { Ended } from '../cli/cli-process.ts';
import { losingVariables } from '../faults/losing-preload.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { findWrongSumsOfRun } from '../../src/warehouse/run-sums.ts';

const preload = new URL('../faults/losing-preload.ts', import.meta.url).href;

/** Runs a command that loses something of each file. */
async function runLosing(
  loaded: LoadedWarehouse,
  args: readonly string[],
  losing: { readonly sql: string; readonly when: string },
): Promise<Ended> {
  const { ended } = new CliProcess([...args, '--warehouse', loaded.path, '--format', 'json'], {
    cwd: loaded.folder,
    nodeFlags: ['--import', preload],
    environment: { [losingVariables.sql]: losing.sql, [losingVariables.when]: losing.when },
  });
  return ended;
}

const lines = [voteLine(1), voteLine(2), 'bad', voteLine(3), voteLine(1), voteLine(2, 9)];
const runsSql = `select outcome, error from ops.run order by started_at desc, run_id desc limit 1`;
const runRow = z.object({ outcome: z.string(), error: z.string().nullable() });

const losses: readonly (readonly [string, string, RegExp])[] = [
  ['a row', 'delete from blog_analysis.votes where Id = 3', /2 rows in the table, 3 by .*\(-1\)/],
  [
    'a row twice',
    'insert into blog_analysis.votes from blog_analysis.votes where Id = 3',
    /4 rows in the table, 3 by the ledger \(\+1\)/,
  ],
  ['an entry', 'delete from ops.quarantine', /0 entries in quarantine, 1 by the ledger \(-1\)/],
  ['a conflict', 'delete from ops.conflict', /0 conflicts on record, 1 by the ledger/],
  ['a count', 'update ops.file set read = read + 1', /7 records read, 6 by the ledger \(\+1\)/],
];

describe.each(losses)('an ingest that loses %s', (_, sql, message) => {
  test('before it sums keeps nothing of the file, and fails', async () => {
    await withTemporaryFolder(async (folder) => {
      const loaded = new LoadedWarehouse(folder);
      const path = await loaded.write('a.jsonl', lines);
      const ended = await runLosing(loaded, ['ingest', path], { sql, when: 'before summing' });
      expect(ended.exitCode).toBe(exitCodes.failed);
      const report = ingestReportSchema.parse(JSON.parse(ended.stdout));
      expect(report.outcome).toBe('failed');
      expect(report.error).toMatch(message);
      expect(report.error).toMatch(/nothing of this file was kept/);
      expect(await loaded.votes()).toEqual([]);
      expect(runRow.parse((await loaded.rows(runsSql))[0])).toMatchObject({ outcome: 'failed' });
      await loaded.ingest([path]);
      expect(await loaded.votes()).toHaveLength(3);
    });
  });

  test.each(['before', 'after'])('%s the commit fails loudly, and is on record', async (side) => {
    await withTemporaryFolder(async (folder) => {
      const loaded = new LoadedWarehouse(folder);
      const path = await loaded.write('a.jsonl', lines);
      const ended = await runLosing(loaded, ['ingest', path], { sql, when: `${side} commit` });
      expect(ended.exitCode).toBe(exitCodes.fellShort);
      expect(ended.stderr).toMatch(message);
      expect(ended.stderr).toMatch(/the sums of run .*Rows never just vanish.*votes-ingest verify/);
      const run = runRow.parse((await loaded.rows(runsSql))[0]);
      expect(run.outcome).toBe('failed');
      expect(run.error).toMatch(message);
      expect((await loaded.status()).runs[0]).toMatchObject(run);
    });
  });
});

test('a release that loses its row fails, and says so', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', [voteLine(1), 'x']);
    await loaded.run(
      `update ops.quarantine set reason = 'failed_check', check_id = 'c', raw = '${voteLine(2)}'`,
    );
    const losing = {
      sql: 'delete from blog_analysis.votes where Id = 2',
      when: 'after commit',
    } as const;
    const ended = await runLosing(loaded, ['quarantine', 'release', '1'], losing);
    expect(ended.exitCode).toBe(exitCodes.fellShort);
    expect(ended.stderr).toMatch(/1 rows in the table, 2 by the ledger \(-1\)/);
    expect(runRow.parse((await loaded.rows(runsSql))[0])).toMatchObject({ outcome: 'failed' });
  });
});

test('sums of files that share records, were unloaded or refused are right', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    const runs = [
      await loaded.ingest([await loaded.write('a.jsonl', lines)]),
      await loaded.ingest([await loaded.write('b.jsonl', [voteLine(1, 2), voteLine(3), '{}'])]),
      await loaded.ingest(
        [await loaded.write('c.jsonl', [voteLine(2, 9), voteLine(1, 3)])],
        'first',
      ),
      await loaded.ingest([await loaded.write('d.csv', ['Id,PostId'])]),
      await loaded.ingest([await loaded.write('e.jsonl', [voteLine(9), voteLine(1, 7)])], 'fail'),
    ];
    await loaded.use('read', async (warehouse) => {
      for (const { runId } of runs) {
        expect(await findWrongSumsOfRun(warehouse, runId)).toBeUndefined();
      }
    });
  });
});

test('a run says also what went wrong before it, with files that it has nothing to do with', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', [voteLine(1)]);
    await loaded.run('insert into blog_analysis.votes from blog_analysis.votes');
    const report = await loaded.ingest([await loaded.write('b.jsonl', [voteLine(2)])]);
    const message = 'check ledger.rows failed: 3 rows in the table, 2 by the ledger';
    expect(report.outcome).toBe('failed');
    expect(report.error).toContain(message);
    const run = runRow.parse((await loaded.rows(runsSql))[0]);
    expect(run.outcome).toBe('failed');
    expect(run.error).toContain(message);
    expect((await loaded.status()).runs[0]).toMatchObject(run);
  });
});
