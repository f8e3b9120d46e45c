import { arrivalPlanSchema, warehouseStatusLimits } from '@sluice/schemas';
import type { WarehouseStatus } from '@sluice/schemas';
import { statusFilePath } from '@sluice/warehouse';
import { stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import type { ArrivalSettings } from '../../src/file-coverage/arrival-status.ts';
import { verifyWarehouse } from '../../src/verify/verify.ts';
import { checkpointAndReport } from '../../src/warehouse/status.ts';
import { LoadedWarehouse, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const { runs, filesPerRun, missingFiles, sizeBytes } = warehouseStatusLimits;

test('a status that leaves something out is not stale where an earlier version did not tell how much', async () => {
  await withLoaded(async (loaded) => {
    await addRuns(loaded, { runs: 1, filesPerRun: filesPerRun + 1, pathLength: 10 });
    const { runs: told, ...status } = await writeStatus(loaded);
    expect(told[0]?.leftOut).toEqual({ files: 1, drift: 0 });
    const earlier = { ...status, runs: told.map((run) => ({ ...run, leftOut: undefined })) };
    await writeFile(statusFilePath(loaded.path), JSON.stringify(earlier));

    expect(await failedIds(loaded)).not.toContain('status.current');
  });
});

test('a status that leaves something out is not stale where missing files take room that verify, which has no plan, does not know of', async () => {
  await withLoaded(async (loaded) => {
    await addRuns(loaded, { runs, filesPerRun, pathLength: 1000 });
    const arrivals = arrivalPlanSchema.parse({
      file: 'votes-{date}.jsonl',
      from: '2021-09-01',
      dueTime: '06:00',
      zone: 'Europe/Amsterdam',
      grace: '2h',
      giveUp: '3650d',
    });
    const status = await writeStatus(loaded, { arrivals });
    expect(status.arrivals?.missing).toHaveLength(missingFiles);
    expect((await stat(statusFilePath(loaded.path))).size).toBeGreaterThan(0.95 * sizeBytes);
    expect(status.runs.at(-1)?.leftOut).toBeDefined();

    expect(await failedIds(loaded)).not.toContain('status.current');

    await loaded.run(`update ops.file set bytes = bytes + 1 where path like '%/0/0'`);
    expect(await failedIds(loaded)).toContain('status.current');
  });
});

/** Runs that refused files, newer than all others, the one with the path `…/0/0` among the first. */
async function addRuns(
  loaded: LoadedWarehouse,
  sizes: { readonly runs: number; readonly filesPerRun: number; readonly pathLength: number },
): Promise<void> {
  await loaded.run(
    `create temp table added as
     select uuid() as run_id, number, first.* exclude (run_id)
       from range(${String(sizes.runs)}) as numbers (number), (from ops.run limit 1) as first`,
    `insert into ops.run by name
     select * exclude (number)
            replace (started_at + interval 1 day - to_minutes(number::integer) as started_at)
       from added`,
    `insert into ops.file by name
     select run_id, number * 1000 + file + 100 as file_id, 0 as bytes, 'refused' as outcome,
            repeat('x', ${String(sizes.pathLength)}) || '/' || number || '/' || file as path,
            'last' as on_conflict, started_at as recorded_at, 0 as read, 0 as accepted,
            0 as duplicate, 0 as conflicting, 0 as quarantined, 0 as refused
       from added, range(${String(sizes.filesPerRun)}) as files (file)`,
  );
}

async function writeStatus(
  loaded: LoadedWarehouse,
  settings: ArrivalSettings = {},
): Promise<WarehouseStatus> {
  await loaded.use('write', (warehouse) =>
    checkpointAndReport(warehouse, new Date('2026-03-10T04:15:10Z'), settings),
  );
  return loaded.status();
}

async function withLoaded(use: (loaded: LoadedWarehouse) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', voteLines(1, 10));
    await use(loaded);
  });
}

async function failedIds(loaded: LoadedWarehouse): Promise<string[]> {
  const { checks } = await verifyWarehouse({
    warehouse: { path: loaded.path, lockTimeoutMs: 0 },
    signal: new AbortController().signal,
    now: new Date(),
  });
  return checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}
