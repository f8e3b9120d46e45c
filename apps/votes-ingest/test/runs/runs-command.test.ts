import { runReportSchema } from '@sluice/schemas';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { runsCommand } from '../../src/runs/runs-command.ts';
import type { RunsOptions } from '../../src/runs/runs-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

/** Three runs: a good one, one with drift and a bad line, one that was refused. */
async function withRuns(use: (warehouse: LoadedWarehouse) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const warehouse = new LoadedWarehouse(folder);
    await warehouse.load('first.jsonl', voteLines(1, 3));
    const drifted = { ...z.record(z.string(), z.unknown()).parse(JSON.parse(voteLine(4))) };
    await warehouse.load('second.jsonl', [
      JSON.stringify({ ...drifted, VoteTypeId: 77, '=Mood': 'good' }),
      'no vote',
    ]);
    await warehouse.load('table.csv', ['a,b', '1,2']);
    await use(warehouse);
  });
}

async function print(path: string, options: Partial<RunsOptions> = {}): Promise<string> {
  const context = fakeContext(path);
  expect(await runsCommand(context, { format: 'table', limit: 20, ...options })).toBe(0);
  expect(context.said()).toBe('');
  return context.printed();
}

test('JSON is an array of run reports, newest first, with all files', async () => {
  await withRuns(async ({ path }) => {
    const runs = z.array(runReportSchema).parse(JSON.parse(await print(path, { format: 'json' })));
    expect(runs.map((run) => [run.outcome, run.totals.read, run.files.length])).toEqual([
      ['failed', 2, 1],
      ['succeeded', 2, 1],
      ['succeeded', 3, 1],
    ]);
    expect(runs.map((run) => run.drift)).toEqual([
      [],
      [
        { kind: 'unknown_field', value: '=Mood', count: 1 },
        { kind: 'unknown_vote_type', value: '77', count: 1 },
      ],
      [],
    ]);
  });
});

test('the limit keeps the newest', async () => {
  await withRuns(async ({ path }) => {
    const runs = z
      .array(runReportSchema)
      .parse(JSON.parse(await print(path, { format: 'json', limit: 1 })));
    expect(runs.map((run) => run.outcome)).toEqual(['failed']);
  });
});

test('CSV has one line per run', async () => {
  await withRuns(async ({ path }) => {
    const [head, ...lines] = (await print(path, { format: 'csv' })).trimEnd().split('\n');
    expect(head?.split(',')).toHaveLength(15);
    expect(lines.map((line) => line.split(',').slice(1, 3))).toEqual([
      ['ingest', 'failed'],
      ['ingest', 'succeeded'],
      ['ingest', 'succeeded'],
    ]);
  });
});

test('the table is followed by what went wrong and by the drift', async () => {
  await withRuns(async ({ path }) => {
    const printed = await print(path);
    expect(printed).toMatch(
      /│ ingest +│ 2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ │ succeeded │ +1 │ +3 │ +3 │/,
    );
    expect(printed).toMatch(/table\.csv +│ none of its first/);
    expect(printed).toMatch(/unknown field +│ =Mood +│ +1 │/);
    expect(printed).toMatch(/unknown vote type +│ 77 +│ +1 │/);
  });
});

test('a run that died is shown as abandoned', async () => {
  await withRuns(async (warehouse) => {
    await warehouse.run(`update ops.run set outcome = 'running', ended_at = null`);
    expect((await print(warehouse.path)).match(/abandoned/g)).toHaveLength(3);
  });
});

test('a missing warehouse is an error that names it', async () => {
  await withTemporaryFolder(async (folder) => {
    const { path } = new LoadedWarehouse(folder);
    await expect(print(path)).rejects.toMatchObject({ code: 'MISSING' });
    await expect(print(path)).rejects.toThrow(path);
  });
});
