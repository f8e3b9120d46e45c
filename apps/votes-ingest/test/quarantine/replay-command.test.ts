import { exitCodes, replayReportSchema } from '@sluice/schemas';
import type { ReplayReport } from '@sluice/schemas';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { ConflictPolicy } from '../../src/ingest/settle.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

/** Makes the raw text of entries what the contract accepts, as a new contract would. */
async function mend(loaded: LoadedWarehouse, texts: Readonly<Record<number, string>>) {
  await loaded.run(
    ...Object.entries(texts).map(
      ([line, text]) => `update ops.quarantine set raw = '${text}' where line = ${line}`,
    ),
  );
}

async function replay(
  loaded: LoadedWarehouse,
  policy: ConflictPolicy = 'last',
): Promise<{ readonly report: ReplayReport; readonly context: FakeContext }> {
  const context = fakeContext(loaded.path, { flags: { onConflict: policy } });
  expect(await replayCommand(context, { format: 'json' })).toBe(exitCodes.done);
  return { report: replayReportSchema.parse(JSON.parse(context.printed())), context };
}

async function withLoaded(use: (loaded: LoadedWarehouse) => Promise<void>): Promise<void> {
  await withTemporaryFolder((folder) => use(new LoadedWarehouse(folder)));
}

const totalsSql = `
  select read, accepted, duplicate, conflicting, quarantined from ops.file order by file_id`;

test('entries that keep the contract now become records that come now', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad', 'bad', voteLine(2), 'bad', 'bad']);
    await mend(loaded, { 2: voteLine(3), 3: voteLine(1), 5: voteLine(2, 9) });

    const { report } = await replay(loaded);

    expect(report).toMatchObject({
      replayed: 3,
      accepted: 1,
      duplicate: 1,
      conflicting: 1,
      stillOpen: 1,
    });
    expect(await loaded.votes()).toEqual([
      [1, 1],
      [2, 9],
      [3, 1],
    ]);
    expect(await loaded.rows(totalsSql)).toEqual([
      { read: 6, accepted: 3, duplicate: 1, conflicting: 1, quarantined: 1 },
    ]);
    expect(
      await loaded.rows(
        'select line, state, decision_run_id::varchar as run from ops.quarantine order by line',
      ),
    ).toEqual([
      ...[2, 3, 5].map((line) => ({
        line,
        state: 'replayed',
        run: report.runId,
      })),
      { line: 6, state: 'open', run: null },
    ]);
    expect(
      await loaded.rows(`select key, winner_file_id, winner_line, loser_file_id, loser_line
                           from ops.conflict`),
    ).toEqual([{ key: 2, winner_file_id: 1, winner_line: 5, loser_file_id: 1, loser_line: 4 }]);
  });
});

test('the replay is a run of the ledger, and the status file knows of it', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad']);

    const { report } = await replay(loaded);

    expect(
      await loaded.rows(`select run_id::varchar as id, command, outcome from ops.run
                          order by started_at desc, run_id desc`),
    ).toContainEqual({ id: report.runId, command: 'quarantine replay', outcome: 'succeeded' });
    const status = await loaded.status();
    expect(status.runs.map((run) => run.runId)).toContain(report.runId);
    expect(status.checks.every((check) => check.outcome === 'passed')).toBe(true);
  });
});

test('without a change nothing is replayed, and no entry changes', async () => {
  await withLoaded(async (loaded) => {
    const lines = ['bad', '{"Id":"x"}', '{"Id":1,"Id":1}', '[]', '{"Id":1}', '<row Id="1"/>'];
    await loaded.load('a.jsonl', [voteLine(1), ...lines]);
    const before = await loaded.rows('from ops.quarantine order by id');

    const { report } = await replay(loaded);

    expect(report).toMatchObject({ replayed: 0, stillOpen: lines.length });
    expect(await loaded.rows('from ops.quarantine order by id')).toEqual(before);
  });
});

test("a row of XML in a file of JSON stays out: a line is read as its file's lines were", async () => {
  await withLoaded(async (loaded) => {
    const row = '<row Id="7" PostId="1" VoteTypeId="2" CreationDate="2022-05-04" />';
    await loaded.load('a.jsonl', [voteLine(1), row]);
    await loaded.load('b.xml', ['<votes>', row.replace('7', '8'), '<row Id="9" />', '</votes>']);

    expect((await replay(loaded)).report).toMatchObject({ replayed: 0, stillOpen: 2 });

    await loaded.run(`update ops.quarantine set raw = '${row}' where reason = 'missing_field'`);
    expect((await replay(loaded)).report).toMatchObject({ replayed: 1, stillOpen: 1 });
    expect(await loaded.votes()).toEqual([
      [1, 1],
      [7, 1],
      [8, 1],
    ]);
  });
});

test("what is broken in another way gets today's reason, message and contract version", async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad', 'worse']);
    await mend(loaded, { 2: '{"Id":1}' });
    await loaded.run(`update ops.quarantine set contract_version = '0'`);

    const { report } = await replay(loaded);

    expect(report).toMatchObject({ replayed: 0, stillOpen: 2 });
    expect(
      await loaded.rows(
        'select reason, message, contract_version, state from ops.quarantine order by line',
      ),
    ).toMatchObject([
      {
        reason: 'missing_field',
        message: 'PostId is absent',
        contract_version: '1',
        state: 'open',
      },
      { reason: 'not_json', contract_version: '1', state: 'open' },
    ]);
  });
});

test('a line that was cut is not tried', async () => {
  await withLoaded(async (loaded) => {
    const path = join(loaded.folder, 'long.jsonl');
    await writeFile(path, `${voteLine(1)}\n${'x'.repeat(2 ** 20 + 1)}\n`);
    await loaded.ingest([path]);
    await mend(loaded, { 2: voteLine(2) });

    expect((await replay(loaded)).report).toMatchObject({ replayed: 0, stillOpen: 1 });
  });
});

test('a line that was no UTF-8 is tried by its bytes', async () => {
  await withLoaded(async (loaded) => {
    const path = join(loaded.folder, 'odd.jsonl');
    await writeFile(path, Buffer.concat([Buffer.from(`${voteLine(1)}\n`), Buffer.from([0xff])]));
    await loaded.ingest([path]);
    expect((await replay(loaded)).report).toMatchObject({ replayed: 0, stillOpen: 1 });

    const base64 = Buffer.from(voteLine(2)).toString('base64');
    await loaded.run(`update ops.quarantine set raw_base64 = '${base64}'`);

    expect((await replay(loaded)).report).toMatchObject({ replayed: 1, stillOpen: 0 });
  });
});

test('entries of refused files are left alone, which is said', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('foreign.csv', ['Id,PostId', '1,2']);
    await mend(loaded, { 1: voteLine(1) });

    const { report, context } = await replay(loaded);

    expect(report).toMatchObject({ replayed: 0, stillOpen: 0 });
    expect(context.said()).toMatch(/2 open entries belong to files that were refused/);
  });
});

test('under fail a conflict leaves all entries of its file open, and other files go on', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad', 'bad', 'bad']);
    await mend(loaded, { 2: voteLine(1, 2), 3: voteLine(5), 4: '{}' });
    await loaded.load('b.jsonl', [voteLine(2), 'bad']);
    await loaded.run(`update ops.quarantine set raw = '${voteLine(6)}' where file_id = 2`);

    const { report, context } = await replay(loaded, 'fail');

    expect(report).toMatchObject({ replayed: 1, accepted: 1, conflicting: 0, stillOpen: 3 });
    expect(context.said()).toMatch(/a\.jsonl: line 2: Id 1 has other content than in/);
    expect(await loaded.votes()).toEqual([
      [1, 1],
      [2, 1],
      [6, 1],
    ]);
    expect(
      await loaded.rows('select reason from ops.quarantine where line = 4 and file_id = 1'),
    ).toEqual([{ reason: 'missing_field' }]);
  });
});

test('under first the row that is there stays', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad']);
    await mend(loaded, { 2: voteLine(1, 2) });

    expect((await replay(loaded, 'first')).report).toMatchObject({ replayed: 1, conflicting: 1 });
    expect(await loaded.votes()).toEqual([[1, 1]]);
  });
});

test('a replayed row is found by its line when a later file conflicts with it', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad', voteLine(2), 'bad', voteLine(3)]);
    await mend(loaded, { 2: voteLine(8), 4: voteLine(9) });
    await replay(loaded);
    await loaded.load('b.jsonl', [voteLine(9, 2), voteLine(3, 2), voteLine(8, 2)]);

    expect(
      await loaded.rows('select key, loser_file_id, loser_line from ops.conflict order by key'),
    ).toEqual([
      { key: 3, loser_file_id: 1, loser_line: 5 },
      { key: 8, loser_file_id: 1, loser_line: 2 },
      { key: 9, loser_file_id: 1, loser_line: 4 },
    ]);
  });
});

test('what the contract does not know is counted when it is replayed', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad']);
    await mend(loaded, {
      2: '{"Id":2,"PostId":1,"VoteTypeId":77,"CreationDate":"2022-05-04","Extra":1}',
    });

    const { report } = await replay(loaded);

    expect(
      await loaded.rows('select run_id::varchar as id, kind, value, count from ops.drift'),
    ).toEqual([
      { id: report.runId, kind: 'unknown_field', value: 'Extra', count: 1 },
      { id: report.runId, kind: 'unknown_vote_type', value: '77', count: 1 },
    ]);
  });
});

test('--reason-code and --run choose what is tried', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad', '{}']);
    await mend(loaded, { 2: voteLine(2), 3: voteLine(3) });
    const context = fakeContext(loaded.path);

    await replayCommand(context, { format: 'json', reasonCode: 'missing_field' });

    expect(JSON.parse(context.printed())).toMatchObject({ replayed: 1, stillOpen: 0 });
    expect(await loaded.votes()).toEqual([
      [1, 1],
      [3, 1],
    ]);
  });
});

test('a signal ends the replay; the run is on record as failed', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', [voteLine(1), 'bad']);
    const context = fakeContext(loaded.path, { signal: AbortSignal.abort() });

    await expect(replayCommand(context, { format: 'json' })).rejects.toThrow();

    expect(
      await loaded.rows(`select outcome, error from ops.run where command = 'quarantine replay'`),
    ).toEqual([{ outcome: 'failed', error: 'stopped by a signal' }]);
  });
});

test('a warehouse that is not there is not made', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'none.db');

    await expect(replayCommand(fakeContext(path), { format: 'table' })).rejects.toMatchObject({
      code: 'MISSING',
    });
    expect(existsSync(path)).toBe(false);
  });
});

test('csv is wrong usage', async () => {
  await expect(replayCommand(fakeContext('nowhere.db'), { format: 'csv' })).rejects.toMatchObject({
    exitCode: exitCodes.usage,
  });
});
