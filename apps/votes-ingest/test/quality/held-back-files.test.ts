import { exitCodes, restoreReportSchema, unloadReportSchema } from '@sluice/schemas';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { backupCommand } from '../../src/backup/backup-command.ts';
import { restoreCommand } from '../../src/backup/restore-command.ts';
import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { unloadCommand } from '../../src/unload/unload-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { oddLine, oddSuite } from '../quarantine/odd-votes.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const lines = [voteLine(1), oddLine(2), 'bad', oddLine(3), voteLine(4), oddLine(5)];
const checks = oddSuite('quarantine');

/** A warehouse with a file of which a check holds back three records. */
async function withHeldBack(
  use: (loaded: LoadedWarehouse, path: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    const path = await loaded.write('a.jsonl', lines);
    await loaded.ingest([path], 'last', checks);
    expect(await ids(loaded)).toEqual([1, 4]);
    await use(loaded, path);
    const context = fakeContext(loaded.path);
    const verified = await verifyCommand(context, { format: 'table' });
    expect(verified, context.printed()).toBe(exitCodes.done);
  });
}

async function ids(loaded: LoadedWarehouse): Promise<unknown[]> {
  const rows = await loaded.rows('select Id as id from blog_analysis.votes order by Id');
  return rows.map(({ id }) => id);
}

/** The entries of the newest file of each path, by line, and of all others. */
async function entries(loaded: LoadedWarehouse): Promise<string[]> {
  const rows = await loaded.rows(
    `select concat_ws(' ', file_id, line, state) as entry from ops.quarantine order by file_id, line`,
  );
  return rows.map(({ entry }) => String(entry));
}

async function release(loaded: LoadedWarehouse, ...args: string[]): Promise<void> {
  const context = fakeContext(loaded.path);
  const released = await releaseCommand(context, { args, format: 'json' });
  expect(released, context.said()).toBe(exitCodes.done);
}

async function unload(loaded: LoadedWarehouse, path: string) {
  const context = fakeContext(loaded.path);
  const unloaded = await unloadCommand(context, { args: [path], format: 'json' });
  expect(unloaded, context.said()).toBe(exitCodes.done);
  return unloadReportSchema.parse(JSON.parse(context.printed()));
}

const totalsSql = `select outcome, read, accepted, quarantined, unloaded_rows as unloaded
                     from ops.file order by file_id`;

test('a file that is unloaded takes its open entries along, and comes back as it was', async () => {
  await withHeldBack(async (loaded, path) => {
    expect(await unload(loaded, path)).toMatchObject({ unloadedRows: 2, discardedEntries: 4 });
    expect(await ids(loaded)).toEqual([]);
    expect(await entries(loaded)).toEqual([2, 3, 4, 6].map((line) => `1 ${line} discarded`));

    await loaded.ingest([path], 'last', checks);
    expect(await ids(loaded)).toEqual([1, 4]);
    expect((await entries(loaded)).slice(4)).toEqual([2, 3, 4, 6].map((line) => `2 ${line} open`));
    expect(await loaded.rows(totalsSql)).toEqual([
      { outcome: 'unloaded', read: 6, accepted: 2, quarantined: 4, unloaded: 2 },
      { outcome: 'ingested', read: 6, accepted: 2, quarantined: 4, unloaded: 0 },
    ]);
  });
});

test('without the check it comes back whole, each record once', async () => {
  await withHeldBack(async (loaded, path) => {
    await unload(loaded, path);
    await loaded.ingest([path]);
    expect(await ids(loaded)).toEqual([1, 2, 3, 4, 5]);
    expect((await entries(loaded)).slice(4)).toEqual(['2 3 open']);
  });
});

test('what was released goes with its file, what was decided stays decided', async () => {
  await withHeldBack(async (loaded, path) => {
    await release(loaded, '1', '3');
    const discarding = { args: ['2'], reason: 'no vote', format: 'json' } as const;
    expect(await discardCommand(fakeContext(loaded.path), discarding)).toBe(exitCodes.done);
    expect(await ids(loaded)).toEqual([1, 2, 3, 4]);

    expect(await unload(loaded, path)).toMatchObject({ unloadedRows: 4, discardedEntries: 1 });
    expect(await ids(loaded)).toEqual([]);
    expect(await entries(loaded)).toEqual([
      ...['1 2 released', '1 3 discarded', '1 4 released', '1 6 discarded'],
    ]);

    await loaded.ingest([path], 'last', checks);
    await release(loaded, '5');
    expect(await ids(loaded)).toEqual([1, 2, 4]);
    expect(await loaded.rows(totalsSql)).toMatchObject([
      { accepted: 4, quarantined: 2, unloaded: 4 },
      { accepted: 3, quarantined: 3, unloaded: 0 },
    ]);
  });
});

test('a replay leaves alone what a check held back, and the file keeps its sums', async () => {
  await withHeldBack(async (loaded) => {
    await loaded.run(`update ops.quarantine set raw = '${voteLine(9)}' where line = 3`);
    const context = fakeContext(loaded.path);
    expect(await replayCommand(context, { format: 'json' })).toBe(exitCodes.done);
    expect(JSON.parse(context.printed())).toMatchObject({ replayed: 1, stillOpen: 0 });
    expect(context.said()).toContain('3 open entries were held back by a check');
    await release(loaded, '1');
    expect(await ids(loaded)).toEqual([1, 2, 4, 9]);
    expect(await loaded.rows(totalsSql)).toMatchObject([{ read: 6, accepted: 4, quarantined: 2 }]);
  });
});

test('a backup has what is held back, and what was decided since is open again in what it restores', async () => {
  await withHeldBack(async (loaded) => {
    const backup = join(loaded.folder, 'backup');
    const options = { args: [backup], format: 'json' } as const;
    expect(await backupCommand(fakeContext(loaded.path), options)).toBe(exitCodes.done);
    await release(loaded, '1', '3');
    expect(await ids(loaded)).toEqual([1, 2, 3, 4]);

    const context = fakeContext(loaded.path);
    const restored = await restoreCommand(context, { ...options, replace: true });
    expect(restored, context.said()).toBe(exitCodes.done);
    restoreReportSchema.parse(JSON.parse(context.printed()));
    expect(await ids(loaded)).toEqual([1, 4]);
    expect(await entries(loaded)).toEqual([2, 3, 4, 6].map((line) => `1 ${line} open`));
    await release(loaded, '1', '3', '4');
    expect(await ids(loaded)).toEqual([1, 2, 3, 4, 5]);
  });
});
