import { exitCodes, quarantineDecisionReportSchema } from '@sluice/schemas';
import type { QuarantineDecisionReport } from '@sluice/schemas';
import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';

import type { ConflictPolicy } from '../../src/ingest/settle.ts';
import type { DecideCommandOptions } from '../../src/quarantine/decide-entries.ts';
import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { holdBack } from './held-back.ts';

const why = 'test records of the source';

async function withLoaded(
  lines: readonly string[],
  use: (loaded: LoadedWarehouse) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', lines);
    await use(loaded);
    const context = fakeContext(loaded.path);
    expect(await verifyCommand(context, { format: 'table' }), context.printed()).toBe(
      exitCodes.done,
    );
  });
}

async function discard(
  loaded: LoadedWarehouse,
  options: Partial<DecideCommandOptions>,
): Promise<QuarantineDecisionReport> {
  const context = fakeContext(loaded.path);
  const given = { args: [], reason: why, ...options, format: 'json' } as const;
  expect(await discardCommand(context, given), context.said()).toBe(exitCodes.done);
  return quarantineDecisionReportSchema.parse(JSON.parse(context.printed()));
}

async function release(
  loaded: LoadedWarehouse,
  options: Partial<DecideCommandOptions>,
  policy: ConflictPolicy = 'last',
): Promise<QuarantineDecisionReport> {
  const context = fakeContext(loaded.path, { flags: { onConflict: policy } });
  const given = { args: [], ...options, format: 'json' } as const;
  expect(await releaseCommand(context, given), context.said()).toBe(exitCodes.done);
  return quarantineDecisionReportSchema.parse(JSON.parse(context.printed()));
}

const entriesSql = `select id, state, decided_by as by, decision_reason as why from ops.quarantine order by id`;
const totalsSql = `select read, accepted, duplicate, conflicting, quarantined from ops.file order by file_id`;

describe('quarantine discard', () => {
  test('decides the entries that are named, and says who, when, why and in which run', async () => {
    await withLoaded([voteLine(1), 'bad', 'worse', 'worst'], async (loaded) => {
      const report = await discard(loaded, { args: ['1', '3', '1'], by: 'anna' });

      expect(report).toMatchObject({ state: 'discarded', by: 'anna', reason: why, entries: 2 });
      expect(await loaded.rows(entriesSql)).toEqual([
        { id: 1, state: 'discarded', by: 'anna', why },
        { id: 2, state: 'open', by: null, why: null },
        { id: 3, state: 'discarded', by: 'anna', why },
      ]);
      expect(
        await loaded.rows(`select command, outcome from ops.quarantine
                             join ops.run on ops.run.run_id = decision_run_id where id = 1`),
      ).toEqual([{ command: 'quarantine discard', outcome: 'succeeded' }]);
      expect(await loaded.rows(totalsSql)).toMatchObject([
        { read: 4, accepted: 1, quarantined: 3 },
      ]);
    });
  });

  test('without --by it is the user of the operating system who decides', async () => {
    await withLoaded([voteLine(1), 'bad'], async (loaded) => {
      expect(await discard(loaded, { args: ['1'] })).toMatchObject({ by: userInfo().username });
    });
  });

  test('--all takes the open entries of a filter, and leaves what was decided', async () => {
    await withLoaded([voteLine(1), 'bad', '{"Id":2}', '{"Id":3}'], async (loaded) => {
      await discard(loaded, { args: ['2'], by: 'anna', reason: 'first' });

      const report = await discard(loaded, {
        all: true,
        reasonCode: 'missing_field',
        file: 'a.jsonl',
        by: 'ben',
      });

      expect(report.entries).toBe(1);
      expect(await loaded.rows(entriesSql)).toEqual([
        { id: 1, state: 'open', by: null, why: null },
        { id: 2, state: 'discarded', by: 'anna', why: 'first' },
        { id: 3, state: 'discarded', by: 'ben', why },
      ]);
      expect((await discard(loaded, { all: true, reasonCode: 'missing_field' })).entries).toBe(0);
    });
  });

  test('the status file counts entries by reason and state', async () => {
    await withLoaded([voteLine(1), 'bad', 'bad', '{"Id":2}'], async (loaded) => {
      await discard(loaded, { args: ['1'] });

      const { quarantine, openQuarantine } = await loaded.status();
      expect(quarantine).toEqual({
        missing_field: { open: 1, released: 0, discarded: 0, replayed: 0 },
        not_json: { open: 1, released: 0, discarded: 1, replayed: 0 },
      });
      expect(openQuarantine).toMatchObject({ entries: 2, byReason: { not_json: 1 } });
    });
  });

  test('a second decision is refused with the first one, and nothing of the call is done', async () => {
    await withLoaded([voteLine(1), 'bad', 'worse'], async (loaded) => {
      await discard(loaded, { args: ['1'], by: 'anna', reason: 'first' });
      const before = await loaded.rows('from ops.quarantine order by id');
      const context = fakeContext(loaded.path);

      const second = discardCommand(context, {
        args: ['2', '1', '77'],
        reason: why,
        by: 'ben',
        format: 'json',
      });

      await expect(second).rejects.toMatchObject({ exitCode: exitCodes.usage });
      await expect(second).rejects.toThrow(
        /entry 1 was discarded before, by anna at 20\d\d-.*Z: first; there is no entry 77\. Nothing was discarded/,
      );
      const decided = { args: ['1'], reason: why, format: 'json' } as const;
      await expect(discardCommand(context, decided)).rejects.toMatchObject({
        exitCode: exitCodes.failed,
      });
      expect(await loaded.rows('from ops.quarantine order by id')).toEqual(before);
    });
  });

  test.each<[string, Partial<DecideCommandOptions>, RegExp]>([
    ['an empty reason', { args: ['1'], reason: ' ' }, /--reason: it is empty/],
    ['an empty name', { args: ['1'], by: '' }, /--by: it is empty/],
    ['neither ids nor --all', {}, /name entries by their ids, or choose them by --all/],
    ['both', { args: ['1'], all: true }, /choose one of them/],
    ['ids and a filter', { args: ['1'], reasonCode: 'not_json' }, /a filter goes with --all/],
    ['an id that is none', { args: ['1x', '0'] }, /"1x", "0": an entry's id is a whole number/],
    ['an unknown reason code', { all: true, reasonCode: 'odd' }, /there is no such code/],
    ['decided entries', { all: true, state: ['discarded'] }, /only open entries can be decided/],
    ['a time without a zone', { all: true, since: '2026-01-01' }, /--since: .* is no instant/],
  ])('%s is wrong usage', async (_, options, message) => {
    const given = { args: [], reason: why, ...options, format: 'json' } as const;
    const discarding = discardCommand(fakeContext('nowhere.db'), given);
    await expect(discarding).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(discarding).rejects.toThrow(message);
  });

  test('without a reason it is wrong usage', async () => {
    const discarding = discardCommand(fakeContext('nowhere.db'), { args: ['1'], format: 'json' });
    await expect(discarding).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(discarding).rejects.toThrow(/--reason is missing: say why/);
  });

  test('a file that the ledger does not have is named', async () => {
    await withLoaded([voteLine(1), 'bad'], async (loaded) => {
      const given = { args: [], all: true, file: 'jsonl', reason: why, format: 'json' } as const;
      await expect(discardCommand(fakeContext(loaded.path), given)).rejects.toThrow(
        /--file jsonl: .* has no file of that name or SHA-256/,
      );
    });
  });

  test('what was discarded is not replayed, whatever the contract says later', async () => {
    await withLoaded([voteLine(1), 'bad'], async (loaded) => {
      await loaded.run(`update ops.quarantine set raw = '${voteLine(2)}'`);
      await discard(loaded, { args: ['1'] });
      const context = fakeContext(loaded.path);

      expect(await replayCommand(context, { format: 'json' })).toBe(exitCodes.done);

      expect(JSON.parse(context.printed())).toMatchObject({ replayed: 0, stillOpen: 0 });
      expect(await loaded.votes()).toEqual([[1, 1]]);
    });
  });
});

describe('quarantine release', () => {
  test('makes rows of what a check held back, settled by their Ids, with the sums right', async () => {
    const lines = [voteLine(1), 'x', 'x', voteLine(2), 'x', 'x', 'bad'];
    await withLoaded(lines, async (loaded) => {
      await loaded.load('b.jsonl', [voteLine(9), 'x', 'x']);
      await holdBack(loaded, { 2: voteLine(3), 3: voteLine(1), 5: voteLine(2, 9), 6: voteLine(7) });
      await holdBack(loaded, { 2: voteLine(4), 3: voteLine(3) }, { fileId: 2 });

      const report = await release(loaded, { args: ['1', '2', '3', '6', '7'], by: 'anna' });

      expect(report).toMatchObject({
        state: 'released',
        entries: 5,
        by: 'anna',
        became: { accepted: 2, duplicate: 2, conflicting: 1 },
      });
      expect(await loaded.votes()).toEqual([
        [1, 1],
        [2, 9],
        [3, 1],
        [4, 1],
        [9, 1],
      ]);
      expect(await loaded.rows(totalsSql)).toEqual([
        { read: 7, accepted: 3, duplicate: 1, conflicting: 1, quarantined: 2 },
        { read: 3, accepted: 2, duplicate: 1, conflicting: 0, quarantined: 0 },
      ]);
      expect(await loaded.rows(`select key, winner_line, loser_line from ops.conflict`)).toEqual([
        { key: 2, winner_line: 5, loser_line: 4 },
      ]);
      expect((await loaded.status()).checks.every(({ outcome }) => outcome === 'passed')).toBe(
        true,
      );
    });
  });

  test('a second release is refused, and adds nothing', async () => {
    await withLoaded([voteLine(1), 'x'], async (loaded) => {
      await holdBack(loaded, { 2: voteLine(3) });
      await release(loaded, { args: ['1'] });
      const given = { args: ['1'], format: 'json' } as const;

      await expect(releaseCommand(fakeContext(loaded.path), given)).rejects.toThrow(
        /entry 1 was released before, by .*: let through as it is\. Nothing was released/,
      );
      expect(await loaded.votes()).toEqual([
        [1, 1],
        [3, 1],
      ]);
    });
  });

  test('what broke its contract is refused, all of the call with it', async () => {
    await withLoaded([voteLine(1), 'x', 'bad'], async (loaded) => {
      await holdBack(loaded, { 2: voteLine(3) });
      const given = { args: ['1', '2'], format: 'json' } as const;

      await expect(releaseCommand(fakeContext(loaded.path), given)).rejects.toThrow(
        /entry 2 broke its contract \(not_json\).*replay it after a fix, or discard it/,
      );
      expect(await loaded.votes()).toEqual([[1, 1]]);
    });
  });

  test('--all takes what one check held back, and nothing else', async () => {
    await withLoaded([voteLine(1), 'x', 'bad', 'x'], async (loaded) => {
      await holdBack(loaded, { 2: voteLine(3) });
      await holdBack(loaded, { 4: voteLine(4) }, { checkId: 'votes.other' });

      expect(await release(loaded, { all: true, check: 'votes.other' })).toMatchObject({
        entries: 1,
      });
      expect(await loaded.votes()).toEqual([
        [1, 1],
        [4, 1],
      ]);
      expect((await release(loaded, { all: true })).entries).toBe(1);
      expect((await release(loaded, { all: true })).entries).toBe(0);
    });
  });

  test('--all with the code of a breach is wrong usage', async () => {
    const given = { args: [], all: true, reasonCode: 'not_json', format: 'json' } as const;
    await expect(releaseCommand(fakeContext('nowhere.db'), given)).rejects.toMatchObject({
      exitCode: exitCodes.usage,
    });
  });

  test('under fail a conflict releases nothing, of other files neither', async () => {
    await withLoaded([voteLine(1), 'x', 'x'], async (loaded) => {
      await loaded.load('b.jsonl', [voteLine(5), 'x']);
      await holdBack(loaded, { 2: voteLine(3), 3: voteLine(4) });
      await holdBack(loaded, { 2: voteLine(1, 2) }, { fileId: 2 });
      const context = fakeContext(loaded.path, { flags: { onConflict: 'fail' } });

      await expect(
        releaseCommand(context, { args: [], all: true, format: 'json' }),
      ).rejects.toThrow(/b\.jsonl: line 2: Id 1 has other content .*nothing was released/);

      expect(await loaded.votes()).toEqual([
        [1, 1],
        [5, 1],
      ]);
      expect(await loaded.rows(`select distinct state from ops.quarantine`)).toEqual([
        { state: 'open' },
      ]);
    });
  });

  test('a record that breaks a newer contract, or of a file that was refused, is not released', async () => {
    await withLoaded([voteLine(1), 'x'], async (loaded) => {
      await holdBack(loaded, { 2: 'still bad' });
      await loaded.load('foreign.csv', ['Id,PostId']);
      await holdBack(loaded, { 1: voteLine(8) }, { fileId: 2 });
      const releasing = (id: string) =>
        releaseCommand(fakeContext(loaded.path), { args: [id], format: 'json' });

      await expect(releasing('1')).rejects.toThrow(/entry 1 breaks its contract by now \(not_json/);
      await expect(releasing('2')).rejects.toThrow(
        /entry 2 is of .*foreign\.csv, which was refused: .*ingest the file again/,
      );
      expect(await loaded.votes()).toEqual([[1, 1]]);
    });
  });

  test('a replay leaves alone what a check held back, and says so', async () => {
    await withLoaded([voteLine(1), 'x', 'x'], async (loaded) => {
      await holdBack(loaded, { 2: voteLine(3) });
      await loaded.run(`update ops.quarantine set raw = '${voteLine(4)}' where line = 3`);
      const context = fakeContext(loaded.path);

      await replayCommand(context, { format: 'json' });

      expect(JSON.parse(context.printed())).toMatchObject({ replayed: 1, stillOpen: 0 });
      expect(context.said()).toMatch(/1 open entries were held back by a check.*release/);
      expect(await loaded.votes()).toEqual([
        [1, 1],
        [4, 1],
      ]);
    });
  });

  test('a released row is found by its line when a later file conflicts with it', async () => {
    await withLoaded([voteLine(1), 'x', voteLine(2), 'x', voteLine(3)], async (loaded) => {
      await holdBack(loaded, { 2: voteLine(8), 4: voteLine(9) });
      await release(loaded, { all: true });
      await loaded.load('b.jsonl', [voteLine(9, 2), voteLine(3, 2), voteLine(8, 2)]);

      expect(
        await loaded.rows('select key, loser_line as line from ops.conflict order by key'),
      ).toEqual([
        { key: 3, line: 5 },
        { key: 8, line: 2 },
        { key: 9, line: 4 },
      ]);
    });
  });
});
