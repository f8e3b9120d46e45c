import { addDays, jaoVerifyReportSchema } from '@sluice/schemas/jao';
import { createRandom } from '@sluice/schemas/testing';
import { migratePostgres, opsPostgresMigrations } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { createTestDatabase, openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { jaoMigrations } from '../../src/database/jao-schema.ts';
import { rebuildCoverageCommand } from '../../src/database/rebuild-coverage-command.ts';
import { migrations } from '../../src/database/open-database.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { syncCatalogue } from '../../src/store/catalogue.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { answerOf, inStepsOf, throughout } from './answers.ts';
import { contextOn } from './commands.ts';
import { randomAnswer } from './random-answers.ts';
import { contractOf } from './test-store.ts';
import type { TestStore } from './test-store.ts';
import { backdate, tellStories } from './told-stories.ts';
import { useStore } from './use-store.ts';

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;

useStore((opened) => {
  ({ database, owner, store } = opened);
});

/** What `verify` finds wrong: it tells the ranges plainly, from all versions of each day. */
async function differences(on = database): Promise<readonly string[]> {
  const context = contextOn(on);
  await verifyCommand(context, { format: 'json' });
  const report = jaoVerifyReportSchema.parse(JSON.parse(context.printed()));
  return report.differences.listed.map(({ check, message }) => `${check}: ${message}`);
}

/** What the rebuild, which is SQL, finds wrong and mends. */
async function rebuild(db = owner, name = 'core/maxExchanges'): Promise<unknown> {
  const [row] = await db.query(
    `select r.* from jao.dataset d cross join jao.rebuild_ranges(d.dataset_id) r
     where d.region || '/' || d.dataset = $1`,
    [name],
  );
  return row;
}

test.each([
  ['core/maxExchanges', '2026-03-28'],
  ['core/maxExchanges', '2025-10-25'],
  ['core/netPos', '2025-09-30'],
  ['coreID/IDCCA_maxExchanges', '2025-10-25'],
])(
  'after any answers of %s from %s on, what is kept is what versions and rebuild tell',
  async (name, from) => {
    const contract = contractOf(name);
    for (const seed of [1, 2, 3]) {
      const day = addDays(from, seed % 2);
      const random = createRandom(seed);
      for (let answer = 0; answer < 8; answer += 1) {
        const answering =
          contract.stepIsAssumed && random() < 0.5 ? inStepsOf(contract, 15) : contract;
        await store.collect(contract, day, randomAnswer(answering, day, random).body);
        if (random() < 0.5) {
          // So that the next answer that agrees with a doubtful one withdraws.
          await backdate(owner, contract, day);
        }
      }
    }
    expect((await differences()).filter((line) => line.startsWith('days.ranges'))).toEqual([]);
    expect(await rebuild(owner, name)).toMatchObject({ changed_days: 0 });
    const { states } = await owner.row(
      z.object({ states: z.array(z.string()) }),
      'select array_agg(distinct state order by state) as states from jao.day_range',
    );
    expect(states).toEqual(['absent', 'present', 'unavailable', 'withdrawn']);
  },
);

test('what a correction adds is kept with its stamp, and what is lost is mended', async () => {
  const contract = contractOf('core/maxExchanges');
  const days = await tellStories(store, owner, contract, '2026-01-05');
  await owner.run(
    `delete from jao.observation where (series_id, delivery_start) in (
       select series_id, min(delivery_start) from jao.observation
       where delivery_start >= '2026-01-05T23:00:00Z' and delivery_start < '2026-01-06T23:00:00Z' group by 1)`,
  );
  expect(await rebuild()).toMatchObject({ changed_days: 1 });
  await reparseCommand(contextOn(database), {
    dataset: [contract.name],
    from: days[0] ?? '',
    to: days.at(-1) ?? '',
    format: 'json',
  });
  expect(await rebuild()).toMatchObject({ changed_days: 0 });
  await owner.run(`update jao.day_range set cells = cells - 1 where business_day = '2026-01-05'`);
  const context = contextOn(database);
  await rebuildCoverageCommand(context, { dataset: [contract.name], format: 'json' });
  expect(JSON.parse(context.printed())).toMatchObject([
    { dataset: 'maxExchanges', changedDays: 1 },
  ]);
  expect((await differences()).filter((line) => line.startsWith('days.ranges'))).toEqual([]);
});

test('a usual day is one row, and a value that is revised adds none', async () => {
  const contract = contractOf('core/maxExchanges');
  const day = '2026-05-05';
  const body = (value: number) =>
    answerOf(contract, day, {
      border_AT_BE: throughout(contract, day, value),
      border_BE_AT: throughout(contract, day, value),
    });
  await store.collect(contract, day, body(1));
  await store.collect(contract, day, body(2));
  expect(
    await owner.rows(
      z.object({ series: z.number(), state: z.string(), cells: z.number() }),
      `select cardinality(series_ids) as series, state, cells from jao.day_range where business_day = $1`,
      [day],
    ),
  ).toEqual([{ series: 2, state: 'present', cells: 24 }]);
});

test('where the steps of a dataset change, its days are counted anew', async () => {
  const contract = contractOf('core/maxExchanges');
  await owner.transaction(async (tx) => {
    await tx.run(
      `update jao.dataset set catalogue_version = 0 where region = 'core' and dataset = 'maxExchanges'`,
    );
    await tx.run(
      `update jao.dataset_step set step = '15 minutes'
       where dataset_id = (select dataset_id from jao.dataset where region = 'core' and dataset = 'maxExchanges')`,
    );
  });
  await rebuild();
  const cells = z.object({ cells: z.number() });
  const ofDay = `select max(cells) as cells from jao.day_range where business_day = '2026-05-05'`;
  expect(await owner.row(cells, ofDay)).not.toEqual({ cells: 24 });
  await syncCatalogue(owner);
  expect(await owner.row(cells, ofDay)).toEqual({ cells: 24 });
  expect(await rebuild(owner, contract.name)).toMatchObject({ changed_days: 0 });
});

test('a database that had none is given the ranges of all that it has', async () => {
  const older = await createTestDatabase(inject('server'));
  const folder = await mkdtemp(join(tmpdir(), 'sluice-older-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(jaoMigrations.folder, folder, { recursive: true });
  for (const file of await readdir(folder)) {
    if (file >= '0005') {
      await rm(join(folder, file));
    }
  }
  const db = await openAs(older, 'owner');
  onTestFinished(() => db.close());
  await migratePostgres(
    db,
    [
      opsPostgresMigrations,
      { ...jaoMigrations, folder: pathToFileURL(`${folder}/`), grants: 'select 1;' },
    ],
    { appVersion: '0.9.0' },
  );
  await db.run(
    `insert into jao.dataset (region, dataset, unit, description, zone, first_business_day, due_day_offset, due_time, grace,
       give_up, contract_version, catalogue_version, wide_view)
     values ('core', 'maxExchanges', 'MW', '', 'Europe/Amsterdam', '2022-06-09', -1, '10:30', '2 hours', '7 days', '1', 1,
       'core_max_exchanges_wide')`,
  );
  await db.run(
    `insert into jao.dataset_step select dataset_id, '-infinity', 'infinity', '1 hour' from jao.dataset`,
  );
  await db.run(`insert into jao.clock select dataset_id, now() from jao.dataset`);
  await db.run(
    `insert into jao.series (dataset_id, region, dataset, key, unit, first_seen_at, last_seen_at)
     select dataset_id, region, dataset, 'a', unit, now(), now() from jao.dataset`,
  );
  await db.run(
    `insert into jao.observation (series_id, delivery_start, known_from, value, withdrawn, attempt_id)
     select series_id, h, '2026-03-09T09:00:00Z', 1, false, 1
     from jao.series, generate_series('2026-03-09T23:00:00Z'::timestamptz, '2026-03-10T22:00:00Z', interval '1 hour') h`,
  );
  await migratePostgres(db, migrations, { appVersion: '1.0.0' });
  await syncCatalogue(db);
  expect(
    await db.rows(
      z.object({ business_day: z.string(), state: z.string(), cells: z.number() }),
      'select business_day, state, cells from jao.day_range',
    ),
  ).toEqual([{ business_day: '2026-03-10', state: 'present', cells: 24 }]);
  expect(
    await db.row(
      z.object({ series_ends_after: z.number() }),
      `select series_ends_after from jao.dataset where region = 'core' and dataset = 'maxExchanges'`,
    ),
  ).toEqual({ series_ends_after: 14 });
});
