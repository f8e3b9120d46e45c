import { exitCodes, unloadReportSchema } from '@sluice/schemas';
import type { UnloadReport } from '@sluice/schemas';
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import type { ConflictPolicy } from '../../src/ingest/settle.ts';
import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { quarantineCommand } from '../../src/quarantine/list-command.ts';
import { unloadCommand } from '../../src/unload/unload-command.ts';
import { verifyWarehouse } from '../../src/verify/verify.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine, voteLines } from '../loaded-warehouse.ts';
import { oddLine, oddSuite } from '../quarantine/odd-votes.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

async function withLoaded(use: (loaded: LoadedWarehouse) => Promise<void>): Promise<void> {
  await withTemporaryFolder((folder) => use(new LoadedWarehouse(folder)));
}

async function unload(
  loaded: LoadedWarehouse,
  file: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<UnloadReport> {
  const context = fakeContext(loaded.path);
  const exitCode = await unloadCommand(context, { args: [file], force, format: 'json' });
  expect(exitCode).toBe(exitCodes.done);
  return unloadReportSchema.parse(JSON.parse(context.printed()));
}

async function failedChecks(loaded: LoadedWarehouse): Promise<string[]> {
  const { checks } = await verifyWarehouse({
    warehouse: { path: loaded.path, lockTimeoutMs: 0 },
    signal: new AbortController().signal,
    now: new Date(),
  });
  return checks
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ id, message }) => `${id}: ${message}`);
}

async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

test('takes the rows of a file out, on record, and its content may come again', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.load('a.jsonl', [...voteLines(1, 5), 'bad']);
    await loaded.load('b.jsonl', voteLines(6, 8));
    const original = await loaded.votes();

    const report = await unload(loaded, a);

    expect(report).toMatchObject({
      paths: [a],
      sha256: await sha256Of(a),
      unloadedRows: 5,
      discardedEntries: 1,
      ingestAgain: [],
    });
    expect(await loaded.votes()).toEqual(original.slice(5));
    expect(
      await loaded.rows(`select outcome, accepted, unloaded_rows,
                                unloaded_run_id::varchar as run from ops.file order by file_id`),
    ).toEqual([
      { outcome: 'unloaded', accepted: 5, unloaded_rows: 5, run: report.runId },
      { outcome: 'ingested', accepted: 3, unloaded_rows: 0, run: null },
    ]);
    expect(
      await loaded.rows(
        'select state, decided_by, decision_run_id::varchar as run from ops.quarantine',
      ),
    ).toEqual([{ state: 'discarded', decided_by: 'votes-ingest', run: report.runId }]);
    expect(await loaded.rows(`select outcome from ops.run where command = 'unload'`)).toEqual([
      { outcome: 'succeeded' },
    ]);
    expect(await failedChecks(loaded)).toEqual([]);

    const again = await loaded.ingest([a]);

    expect(again.files[0]).toMatchObject({ outcome: 'ingested', accepted: 5, quarantined: 1 });
    expect(await loaded.votes()).toEqual(original);
    expect(await failedChecks(loaded)).toEqual([]);
  });
});

test('decisions on its records end with it, and that is said', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.write('a.jsonl', [voteLine(1), oddLine(2), oddLine(3), 'bad']);
    await loaded.ingest([a], 'last', oddSuite('quarantine'));
    const reason = 'never data';
    const ids = { args: ['1'], reason, by: 'anna', format: 'json' } as const;
    expect(await discardCommand(fakeContext(loaded.path), ids)).toBe(exitCodes.done);

    const context = fakeContext(loaded.path);
    await unloadCommand(context, { args: [a], format: 'json' });
    expect(unloadReportSchema.parse(JSON.parse(context.printed()))).toMatchObject({
      discardedEntries: 2,
      endedDecisions: 1,
    });
    expect(context.said()).toContain('decisions on its records end with it: 1; ingested again');
    expect(context.said()).toContain(
      `--state discarded released --file ${await sha256Of(a)} lists them, and with them ` +
        'the entries that were open, which this unload discarded: 2',
    );

    const list = fakeContext(loaded.path);
    const state = ['discarded', 'released'];
    await quarantineCommand(list, { state, file: await sha256Of(a), format: 'csv' });
    expect(list.printed()).toContain(reason);

    await loaded.ingest([a]);
    expect(await loaded.votes()).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });
});

test('a file is named by its SHA-256 as well, in any case', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.load('a.jsonl', voteLines(1, 3));

    expect(await unload(loaded, (await sha256Of(a)).toUpperCase())).toMatchObject({
      unloadedRows: 3,
    });
  });
});

test('a file goes under whatever name it was ingested', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.load('a.jsonl', voteLines(1, 3));
    const copy = await loaded.write('copy.jsonl', voteLines(1, 3));

    expect(await unload(loaded, copy)).toMatchObject({ paths: [a], unloadedRows: 3 });
  });
});

test.each([
  [
    'a file that was never ingested',
    voteLines(7, 9),
    exitCodes.usage,
    /has no ingested file of this SHA-256/,
  ],
  [
    'a file that was refused',
    ['Id,PostId'],
    exitCodes.failed,
    /refused\.csv was refused\. Nothing was changed/,
  ],
  [
    'a file that was unloaded',
    voteLines(1, 3),
    exitCodes.failed,
    /gone\.jsonl was unloaded\. Nothing was changed/,
  ],
])('%s is an error that changes nothing', async (_, lines, exitCode, message) => {
  await withLoaded(async (loaded) => {
    await unload(loaded, await loaded.load('gone.jsonl', voteLines(1, 3)));
    await loaded.load('refused.csv', ['Id,PostId']);
    await loaded.load('b.jsonl', voteLines(4, 6));
    const runs = await loaded.rows('from ops.run order by run_id');
    const file = await loaded.write('asked.jsonl', lines);

    await expect(unload(loaded, file)).rejects.toMatchObject({ exitCode });
    await expect(unload(loaded, file)).rejects.toThrow(message);
    expect(await loaded.rows('from ops.run order by run_id')).toEqual(runs);
    expect(await loaded.votes()).toHaveLength(3);
  });
});

test.each([
  ['no file and no hash', 'nowhere.jsonl', /there is no such file, and it is no SHA-256/],
  ['a folder', '.', /can not be read/],
])('%s is an error', async (_, file, message) => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', voteLines(1, 3));

    await expect(unload(loaded, file)).rejects.toThrow(message);
  });
});

test('a warehouse that is not there is not made', async () => {
  await withLoaded(async (loaded) => {
    await expect(unload(loaded, 'a'.repeat(64))).rejects.toMatchObject({ code: 'MISSING' });
    expect(existsSync(loaded.path)).toBe(false);
  });
});

test('a file that only met rows of others goes without a trace', async () => {
  await withLoaded(async (loaded) => {
    await loaded.load('a.jsonl', voteLines(1, 5));
    const b = await loaded.load('b.jsonl', voteLines(4, 8));

    expect(await unload(loaded, b)).toMatchObject({ unloadedRows: 3, ingestAgain: [] });
    expect(await loaded.votes()).toEqual(voteLines(1, 5).map((__, index) => [index + 1, 1]));
    expect(await failedChecks(loaded)).toEqual([]);
  });
});

test('a file whose rows others met goes with --force only, which says what to ingest again', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.load('a.jsonl', voteLines(1, 5));
    const b = await loaded.load('b.jsonl', voteLines(4, 8));
    const c = await loaded.load('c.jsonl', voteLines(5, 9));
    const original = await loaded.votes();

    await expect(unload(loaded, a)).rejects.toMatchObject({ exitCode: exitCodes.failed });
    await expect(unload(loaded, a)).rejects.toThrow(
      new RegExp(`2 other files.*${b} \\(2 equal, 0 different\\), ${c} \\(1 equal`),
    );
    expect(await loaded.votes()).toEqual(original);

    const report = await unload(loaded, a, { force: true });

    expect(report.unloadedRows).toBe(5);
    expect(report.ingestAgain).toEqual([
      {
        path: b,
        sha256: await sha256Of(b),
        onConflict: 'last',
        shared: { duplicate: 2, conflicting: 0 },
      },
      {
        path: c,
        sha256: await sha256Of(c),
        onConflict: 'last',
        shared: { duplicate: 1, conflicting: 0 },
      },
    ]);
    expect(await failedChecks(loaded)).toEqual([]);

    await loaded.ingest([b, c]);
    expect(await loaded.votes()).toEqual(original.slice(3));
    expect(await failedChecks(loaded)).toEqual([]);
    await loaded.ingest([a, b, c]);
    expect(await loaded.votes()).toEqual(original);
    expect(await failedChecks(loaded)).toEqual([]);
  });
});

test('where last has replaced a row, all connected files are to follow, in their order', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.load('a.jsonl', [voteLine(1), voteLine(2)]);
    const b = await loaded.load('b.jsonl', [voteLine(2), voteLine(3)]);
    const c = await loaded.load('c.jsonl', [voteLine(3, 2), voteLine(4)]);
    await loaded.load('d.jsonl', [voteLine(5)]);

    await expect(unload(loaded, a)).rejects.toThrow(/c\.jsonl \(through others\)/);
    const { ingestAgain } = await unload(loaded, a, { force: true });

    expect(ingestAgain.map(({ path }) => path)).toEqual([b, c]);
  });
});

test('a forgotten file that comes again supersedes the quarantine it had left', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.load('a.jsonl', voteLines(1, 3));
    const b = await loaded.load('b.jsonl', [voteLine(3), 'bad']);
    await unload(loaded, a, { force: true });

    await loaded.ingest([b]);

    expect(await loaded.rows('select file_id, state from ops.quarantine order by file_id')).toEqual(
      [
        { file_id: 2, state: 'discarded' },
        { file_id: 3, state: 'open' },
      ],
    );
    expect(await unload(loaded, b)).toMatchObject({ unloadedRows: 1, discardedEntries: 1 });
    expect(await loaded.votes()).toEqual([]);
    expect(await failedChecks(loaded)).toEqual([]);
  });
});

test('the table says on standard error what to ingest again, and by which policy', async () => {
  await withLoaded(async (loaded) => {
    const a = await loaded.load('a.jsonl', voteLines(1, 3), 'first');
    const b = await loaded.load('b.jsonl', voteLines(3, 4), 'first');
    const context = fakeContext(loaded.path);

    await unloadCommand(context, { args: [a], force: true, format: 'table' });

    expect(context.printed()).toContain(a);
    expect(context.said()).toContain(`- ${b} (--on-conflict first, sha256 ${await sha256Of(b)})`);
  });
});

const filesArbitrary = fc.array(
  fc.array(fc.record({ id: fc.integer({ min: 1, max: 6 }), content: fc.constantFrom(1, 2) }), {
    minLength: 1,
    maxLength: 5,
  }),
  { minLength: 2, maxLength: 4 },
);

/** What the table must be after these files, by the definition of the policy. */
function tableAfter(
  files: readonly (readonly { readonly id: number; readonly content: number }[])[],
  policy: ConflictPolicy,
): [number, number][] {
  const table = new Map<number, number>();
  for (const { id, content } of files.flat()) {
    if (policy === 'last' || !table.has(id)) {
      table.set(id, content);
    }
  }
  return [...table].sort(([left], [right]) => left - right);
}

test.each(['last', 'first'] as const)(
  'under %s, any file can go as if it had never come, or come back as if it had never gone',
  async (policy) => {
    const stepsArbitrary = fc.array(
      fc.record({ pick: fc.nat({ max: 3 }), comesBack: fc.boolean() }),
      { minLength: 1, maxLength: 2 },
    );
    await fc.assert(
      fc.asyncProperty(filesArbitrary, stepsArbitrary, async (contents, steps) => {
        await withLoaded(async (loaded) => {
          let files = await Promise.all(
            contents.map(async (records, index) => {
              const lines = records.map(({ id, content }) => voteLine(id, content));
              // A line of its own makes each file another, whatever its records.
              const path = await loaded.write(`${index}.jsonl`, [`{"file":${index}}`, ...lines]);
              return { path, records };
            }),
          );
          await loaded.ingest(
            files.map(({ path }) => path),
            policy,
          );
          for (const { pick, comesBack } of steps) {
            const gone = files[pick % files.length]?.path ?? '';
            const { ingestAgain } = await unload(loaded, gone, { force: true });
            if (!comesBack) {
              files = files.filter(({ path }) => path !== gone);
            }
            const inputs = comesBack ? files : ingestAgain;
            if (inputs.length > 0) {
              await loaded.ingest(
                inputs.map(({ path }) => path),
                policy,
              );
            }
            const expected = tableAfter(
              files.map(({ records }) => records),
              policy,
            );
            expect(await loaded.votes()).toEqual(expected);
            expect(await failedChecks(loaded)).toEqual([]);
            if (files.length === 0) {
              break;
            }
          }
        });
      }),
      { numRuns: 3 },
    );
  },
  60_000,
);
