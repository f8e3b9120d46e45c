import { exitCodes, replayReportSchema } from '@sluice/schemas';
import type { ExitCode, ReplayReport } from '@sluice/schemas';
import type { CheckAction } from '@sluice/schemas/expectations';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { oddCheck, oddLine, oddSettings } from './odd-votes.ts';

/** A warehouse of one file, some lines of which a new contract can read, as these texts. */
async function withMended(
  lines: readonly string[],
  texts: Readonly<Record<number, string>>,
  use: (loaded: LoadedWarehouse) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', lines);
    await loaded.run(
      ...Object.entries(texts).map(
        ([line, text]) => `update ops.quarantine set raw = '${text}' where line = ${line}`,
      ),
    );
    await use(loaded);
    const context = fakeContext(loaded.path);
    const verified = await verifyCommand(context, { format: 'table' });
    expect(verified, context.printed()).toBe(exitCodes.done);
  });
}

async function replay(
  loaded: LoadedWarehouse,
  action: CheckAction | undefined,
): Promise<{
  readonly exitCode: ExitCode;
  readonly report: ReplayReport;
  readonly context: FakeContext;
}> {
  const config = join(loaded.folder, 'votes-ingest.config.json');
  const checks = action === undefined ? {} : oddSettings(action);
  await writeFile(config, JSON.stringify({ checks }));
  const context = fakeContext(loaded.path, { flags: { config } });
  const exitCode = await replayCommand(context, { by: 'anna', format: 'json' });
  return { exitCode, report: replayReportSchema.parse(JSON.parse(context.printed())), context };
}

const entriesSql = `select line, state, reason, check_id as check from ops.quarantine order by line`;
const resultsSql = (runId: string): string =>
  `select outcome, failing from ops.check_result where check_id = '${oddCheck}' and run_id = '${runId}'`;
const lastRunSql = `select outcome, error from ops.run where command = 'quarantine replay'`;

test('a record that a check holds back stays open, for the check, and can be released', async () => {
  const texts = { 2: oddLine(2), 3: voteLine(3), 5: oddLine(4) };
  await withMended([voteLine(1), 'bad', 'bad', 'bad', 'bad'], texts, async (loaded) => {
    const { exitCode, report, context } = await replay(loaded, 'quarantine');

    expect(exitCode).toBe(exitCodes.fellShort);
    expect(report).toMatchObject({
      ...{ replayed: 1, accepted: 1, stillOpen: 3 },
      checks: [{ checkId: oddCheck, outcome: 'failed', action: 'quarantine', failing: 2 }],
    });
    expect(context.said()).toContain(`check ${oddCheck} failed`);
    expect(await loaded.rows(entriesSql)).toEqual([
      { line: 2, state: 'open', reason: 'failed_check', check: oddCheck },
      { line: 3, state: 'replayed', reason: 'not_json', check: null },
      { line: 4, state: 'open', reason: 'not_json', check: null },
      { line: 5, state: 'open', reason: 'failed_check', check: oddCheck },
    ]);
    expect(await loaded.votes()).toEqual([
      [1, 1],
      [3, 1],
    ]);
    expect(await loaded.rows(lastRunSql)).toEqual([
      { outcome: 'failed', error: '1 checks failed' },
    ]);
    expect(await loaded.rows(resultsSql(report.runId))).toEqual([
      { outcome: 'failed', failing: 2 },
    ]);

    const releasing = { args: ['1'], by: 'anna', format: 'json' } as const;
    expect(await releaseCommand(fakeContext(loaded.path), releasing)).toBe(exitCodes.done);
    expect(await loaded.votes()).toHaveLength(3);
    expect((await replay(loaded, 'quarantine')).report).toMatchObject({
      replayed: 0,
      stillOpen: 1,
    });
  });
});

test('a file that a check refuses keeps its entries, and has its results on record', async () => {
  const texts = { 2: oddLine(2), 3: voteLine(3) };
  await withMended([voteLine(1), 'bad', 'bad', '[]'], texts, async (loaded) => {
    const { exitCode, report, context } = await replay(loaded, 'refuse');
    expect(exitCode).toBe(exitCodes.fellShort);
    expect(report).toMatchObject({ replayed: 0, stillOpen: 3, checks: [{ action: 'refuse' }] });
    expect(context.said()).toMatch(
      /check votes\.type\.known failed: .*nothing of its quarantine was replayed/,
    );
    expect(await loaded.votes()).toEqual([[1, 1]]);
    expect((await loaded.rows(entriesSql)).map(({ state }) => state)).toEqual(
      Array.from({ length: 3 }, () => 'open'),
    );
    expect(await loaded.rows(resultsSql(report.runId))).toEqual([
      { outcome: 'failed', failing: 1 },
    ]);
    expect((await replay(loaded, 'warn')).report).toMatchObject({ replayed: 2 });
  });
});

test('what only warns is replayed', async () => {
  await withMended([voteLine(1), 'bad'], { 2: oddLine(2) }, async (loaded) => {
    const { exitCode, report } = await replay(loaded, undefined);
    expect(exitCode).toBe(exitCodes.done);
    expect(report).toMatchObject({ replayed: 1, checks: [{ outcome: 'warned', failing: 1 }] });
  });
});

test('what was data before is not taken back, nor replaced by what is held back', async () => {
  const lines = [oddLine(1), voteLine(2), 'bad', 'bad'];
  await withMended(lines, { 3: oddLine(2, 9), 4: voteLine(4) }, async (loaded) => {
    const { report } = await replay(loaded, 'quarantine');
    expect(report).toMatchObject({ accepted: 1, conflicting: 0, stillOpen: 1 });
    expect(await loaded.votes()).toEqual([
      [1, 1],
      [2, 1],
      [4, 1],
    ]);
  });
});

test('without anything to publish nothing is judged', async () => {
  await withMended([oddLine(1), 'bad'], {}, async (loaded) => {
    const { exitCode, report } = await replay(loaded, 'refuse');
    expect(exitCode).toBe(exitCodes.done);
    expect(report).toMatchObject({ replayed: 0, stillOpen: 1, checks: [] });
  });
});
