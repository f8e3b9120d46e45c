import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { DuckDbWarehouse } from '../src/duckdb-warehouse.ts';
import { migrateDuckDb, opsMigrations } from '../src/migrate-duckdb.ts';
import { temporaryFolder } from './temporary-folder.ts';

const runId = '019a1fd4-7fda-7a40-8da0-6da83bfbfeb1';

async function openWarehouse(): Promise<DuckDbWarehouse> {
  const path = join(await temporaryFolder(), 'w.db');
  const warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
  onTestFinished(() => {
    warehouse.close();
  });
  return warehouse;
}

/** The migrations of schema ops up to a version. */
async function migrationsTo(version: number) {
  const folder = pathToFileURL(`${await temporaryFolder()}/`);
  for (const name of await readdir(opsMigrations.folder)) {
    if (Number.parseInt(name, 10) <= version) {
      await copyFile(new URL(name, opsMigrations.folder), new URL(name, folder));
    }
  }
  return [{ owner: opsMigrations.owner, folder }];
}

const anyRow = z.record(z.string(), z.unknown());

test('entries of an older warehouse keep who decided, when and why, as far as it was known', async () => {
  const warehouse = await openWarehouse();
  await migrateDuckDb(warehouse, await migrationsTo(3));
  await warehouse.run(
    `insert into ops.file (file_id, run_id, path, bytes, outcome, on_conflict, recorded_at, read,
                           accepted, duplicate, conflicting, quarantined, refused)
     values (1, '${runId}', 'a', 1, 'ingested', 'last', '2026-01-01T00:00:00Z', 3, 1, 0, 0, 2, 0);
     insert into ops.quarantine
     values (1, '${runId}', 1, 2, 'not_json', 'm', 'x', null, 1, null, '1', 'open', '2026-01-01T00:00:00Z', null),
            (2, '${runId}', 1, 3, 'not_json', 'm', null, '/w==', 1, null, '1', 'replayed',
             '2026-02-01T00:00:00Z', 'replayed by run ${runId}'),
            (3, '${runId}', 1, 4, 'too_long', 'm', 'y', null, 9, 'abc', '1', 'discarded',
             '2026-03-01T00:00:00Z', null)`,
  );
  await migrateDuckDb(warehouse, [opsMigrations]);
  const created = new Date('2026-01-01T00:00:00Z');
  const open = { decided_at: null, decided_by: null, decision_reason: null, run: null };
  expect(
    await warehouse.rows(
      anyRow,
      `select id, raw, raw_base64, raw_sha256, created_at, state, decided_at, decided_by,
              decision_reason, decision_run_id::varchar as run
         from ops.quarantine order by id`,
    ),
  ).toEqual([
    {
      id: 1,
      raw: 'x',
      raw_base64: null,
      raw_sha256: null,
      created_at: created,
      state: 'open',
      ...open,
    },
    {
      ...{ id: 2, raw: null, raw_base64: '/w==', raw_sha256: null, created_at: created },
      ...{ state: 'replayed', decided_at: new Date('2026-02-01T00:00:00Z') },
      ...{ decided_by: 'votes-ingest', decision_reason: `replayed by run ${runId}`, run: runId },
    },
    {
      ...{ id: 3, raw: 'y', raw_base64: null, raw_sha256: 'abc', created_at: created },
      ...{ state: 'discarded', decided_at: new Date('2026-03-01T00:00:00Z') },
      ...{ decided_by: 'votes-ingest', decision_reason: 'discarded', run: null },
    },
  ]);
});

test.each([
  ['a state that is none', `state = 'closed'`],
  ['a state without a decision', `state = 'discarded'`],
  ['a decision without a state', `decided_by = 'anna'`],
  [
    'a decision without a reason',
    `state = 'discarded', decided_at = now(), decided_by = 'anna', decision_reason = null`,
  ],
])('the engine refuses %s', async (_, change) => {
  const warehouse = await openWarehouse();
  await migrateDuckDb(warehouse, [opsMigrations]);
  await warehouse.run(
    `insert into ops.quarantine (id, run_id, file_id, line, reason, message, raw_bytes, contract_version, created_at)
     values (1, '${runId}', 1, 1, 'not_json', 'm', 1, '1', now())`,
  );
  await expect(warehouse.run(`update ops.quarantine set ${change}`)).rejects.toThrow(/constraint/i);
});
