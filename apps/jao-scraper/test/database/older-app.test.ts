import { startJaoSimulator } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { backfillReportSchema } from '@sluice/schemas/jao';
import {
  compareSchema,
  isCurrent,
  migratePostgres,
  openPostgres,
  opsPostgresMigrations,
} from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { createTestDatabase, startTestServer } from '@sluice/warehouse/postgres-testing';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { jaoMigrations } from '../../src/database/jao-schema.ts';
import { migrations } from '../../src/database/open-database.ts';
import { syncCatalogue } from '../../src/store/catalogue.ts';
import { fakeContext } from '../fake-context.ts';

/** What a next version might expand: columns, tables, and views with a column more. */
const expansion = `
alter table ops.run add column region text;
alter table ops.attempt add column worker text not null default 'unknown';
alter table jao.series add column eic text;
alter table jao.observation add column quality smallint;
alter table jao.dataset_day add column checked boolean not null default false;
create table jao.note (series_id int references jao.series, text text);
create or replace view jao.day as
select d.region, d.dataset, dd.business_day, dd.state, dd.cells,
  dd.first_known_from as first_known, dd.last_known_from as last_revised,
  (select cardinality(ks.series_ids) from jao.key_set ks where ks.key_set_id = dd.key_set_id) as keys, dd.checked
from jao.dataset_day dd join jao.dataset d using (dataset_id);
`;

test('this app works on the schema of the next one, and leaves it as it is', async () => {
  const url = await databaseOfNextApp();
  const simulator = await startJaoSimulator({ nowMs: Date.UTC(2026, 6, 1, 12), jitterMinutes: 0 });
  onTestFinished(() => simulator.close());

  for (const [refetch, outcome] of [
    [false, { stored: 3, unchanged: 0 }],
    [true, { stored: 0, unchanged: 3 }],
  ] as const) {
    const context = fakeContext({
      flags: { databaseUrl: url('worker'), baseUrl: simulator.url, requestsPerMinute: '0' },
      now: () => new Date('2026-07-01T12:00:00Z'),
    });
    const period = { from: '2026-06-09', to: '2026-06-11' };
    const exitCode = await backfillCommand(context, { ...period, refetch, format: 'json' });
    expect(exitCode).toBe(exitCodes.done);
    const report = backfillReportSchema.parse(JSON.parse(context.printed()));
    expect(report.datasets[0]?.days).toMatchObject({ requested: 3, ...outcome });
  }

  const reader = await open(url('reader'));
  expect(
    await reader.row(
      z.object({ cells: z.number(), days: z.number() }),
      'select count(*) as cells, count(distinct business_day) as days from jao.latest',
    ),
  ).toEqual({ cells: 2 * 24 * 132 + 24 * 150, days: 3 });
  const worker = await open(url('worker'));
  const states = await compareSchema(worker, migrations);
  expect(isCurrent(states)).toBe(true);
  expect(states.map(({ applied }) => applied)).toEqual([states[0]?.newest, 9999]);
});

/** A database that a newer app has migrated, as its URL by role. */
async function databaseOfNextApp(): Promise<(role: 'worker' | 'reader') => string> {
  const { server, stop } = await startTestServer();
  onTestFinished(stop);
  const database = await createTestDatabase(server);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-next-app-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(jaoMigrations.folder, folder, { recursive: true });
  await writeFile(join(folder, '9999-expand.sql'), expansion);
  const owner = await open(database.url('owner'));
  const next = { ...jaoMigrations, folder: pathToFileURL(`${folder}/`) };
  await migratePostgres(owner, [opsPostgresMigrations, next], { appVersion: '99.0.0' });
  await syncCatalogue(owner);
  return (role) => database.url(role);
}

async function open(url: string): Promise<PostgresDatabase> {
  const db = await openPostgres({
    url,
    home: tmpdir(),
    role: 'worker',
    applicationName: 'sluice-test',
    poolSize: 2,
  });
  onTestFinished(() => db.close());
  return db;
}
