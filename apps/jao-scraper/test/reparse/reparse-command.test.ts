import { exitCodes } from '@sluice/schemas';
import { reparseReportSchema } from '@sluice/schemas/jao';
import type { BusinessDay, ReparseReport } from '@sluice/schemas/jao';
import { startJaoSimulator } from '@sluice/jao-simulator';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { syncCatalogue } from '../../src/store/catalogue.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { fakeContext } from '../fake-context.ts';
import { contextOn, expectVerified } from '../store/commands.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedStore } from '../store/use-store.ts';
import { tellStories } from '../store/told-stories.ts';

const contract = contractOf('core/maxExchanges');
const first = '2026-01-05';

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner, store } = await openOwnedStore());
});

async function reparse(exitCode: number = exitCodes.done): Promise<ReparseReport> {
  const context = contextOn(database);
  expect(await reparseCommand(context, { format: 'json' })).toBe(exitCode);
  return reparseReportSchema.parse(JSON.parse(context.printed()));
}

/** Every version, with all its columns, by key. */
const versions = (): Promise<unknown[]> =>
  owner.query(
    `select s.key, o.delivery_start, o.known_from, o.value, o.withdrawn, o.attempt_id, o.source_row_id,
            o.source_modified_at
     from jao.observation o join jao.series s using (series_id) order by 1, 2, 3`,
  );

const days = (): Promise<unknown[]> =>
  owner.query(
    `select dataset_id, business_day, state, whole, finished, cells, read, duplicate, quarantined, attempt_id, payload_hash, contract_version, etag,
            first_known_from, last_known_from, doubt_hash
     from jao.dataset_day order by 1, 2`,
  );

const keySets = (): Promise<unknown[]> =>
  owner.query(
    `select dk.business_day, dk.known_from,
            (select string_agg(s.key, ' ' order by s.key) from jao.series s where s.series_id = any(ks.series_ids)) as keys
     from jao.day_key_set dk join jao.key_set ks using (key_set_id) order by 1, 2`,
  );

describe('reparse of a store that has lost its versions', () => {
  test('gives back the very same ones, stamps included, of whatever happened to the days', async () => {
    await tellStories(store, owner, contract, first);
    const before = await versions();
    await owner.query('truncate jao.observation');
    const report = await reparse();
    expect(report.datasets[0]).toMatchObject({
      days: { requested: 7, rebuilt: 6, corrected: 0, unchanged: 1, failed: 0 },
      versions: { rebuilt: before.length, corrected: 0 },
      quarantine: { replayed: 0, added: 0 },
    });
    expect(await versions()).toEqual(before);
    await expectVerified(database);
  });

  test('gives back all of jao from ops alone', async () => {
    await tellStories(store, owner, contract, first);
    const before = [await versions(), await days(), await keySets()];
    const horizon = await owner.query(`select jao.horizon('core', 'maxExchanges') as at`);
    await owner.query(
      `truncate jao.observation, jao.dataset_day, jao.day_range, jao.day_key_set, jao.key_set, jao.clock, jao.series`,
    );
    await syncCatalogue(owner);
    await reparse();
    expect([await versions(), await days(), await keySets()]).toEqual(before);
    expect(await owner.query(`select jao.horizon('core', 'maxExchanges') as at`)).toEqual(horizon);
    await expectVerified(database);
  });

  test('gives back what a backfill stored, with its revisions', async () => {
    const simulator = await startJaoSimulator({
      nowMs: Date.parse('2026-02-01T12:00:00Z'),
      answersConditionally: true,
    });
    const backfill = async (from: BusinessDay, to: BusinessDay): Promise<void> => {
      const context = fakeContext({
        flags: {
          databaseUrl: database.url('worker'),
          baseUrl: simulator.url,
          requestsPerMinute: '0',
        },
        now: () => new Date('2026-02-01T12:00:00Z'),
      });
      const options = { from, to, refetch: true, format: 'json' } as const;
      expect(await backfillCommand(context, options), context.said()).toBe(exitCodes.done);
    };
    await backfill('2026-01-10', '2026-01-14');
    const keys = ['border_AT_BE'];
    for (const kind of ['value', 'null', 'withdraw_key', 'return', 'republish'] as const) {
      simulator.revise(contract.name, '2026-01-12', { kind, keys });
      await backfill('2026-01-11', '2026-01-13');
    }
    await simulator.close();
    const before = await versions();
    await expectVerified(database);
    await owner.query('truncate jao.observation');
    await reparse();
    expect(await versions()).toEqual(before);
    await expectVerified(database);
  });

  test('leaves a day alone whose payload is gone, and says so', async () => {
    await tellStories(store, owner, contract, first);
    await owner.query('truncate jao.observation');
    await owner.query(
      `delete from ops.payload where payload_hash in (select payload_hash from ops.attempt where business_day = $1)`,
      [first],
    );
    const report = await reparse(exitCodes.fellShort);
    expect(report.datasets[0]?.days).toMatchObject({ rebuilt: 5, unchanged: 1, failed: 1 });
    expect(report.failures).toMatchObject([{ businessDay: first }]);
  });
});

describe('reparse of what an older contract has read', () => {
  /** As if an older parser had made something else of the first day. */
  async function readOtherwise(): Promise<void> {
    await tellStories(store, owner, contract, first);
    await owner.query(
      `update jao.observation o set value = 99 from jao.series s
       where s.series_id = o.series_id and s.key = 'border_AT_BE'
         and (o.delivery_start at time zone 'Europe/Amsterdam')::date = $1`,
      [first],
    );
    await owner.query(`update jao.dataset_day set contract_version = 'older'`);
    await owner.query(`update ops.attempt set contract_version = 'older'`);
    await owner.query(
      `insert into ops.quarantine (run_id, attempt_id, dataset, business_day, url, pointer, series_key, delivery_start,
         reason, message, raw, raw_length, contract_version)
       select run_id, attempt_id, dataset, business_day, url, '/data/0/x', 'x', window_start, 'not_a_number', '', '1', 1, 'older'
       from ops.attempt where business_day = $1 and outcome = 'stored'`,
      [first],
    );
  }

  test('stores corrections that are learned now, and changes no stamp', async () => {
    await readOtherwise();
    const before = await versions();
    const context = contextOn(database);
    expect(await verifyCommand(context, { format: 'table' })).toBe(exitCodes.fellShort);
    const report = await reparse();
    expect(report.datasets[0]).toMatchObject({
      days: { rebuilt: 0, corrected: 1, unchanged: 6, failed: 0 },
      versions: { rebuilt: 0, corrected: 24 },
      quarantine: { replayed: 1, added: 0 },
    });
    const after = await versions();
    expect(after).toHaveLength(before.length + 24);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(
      await owner.query(
        `select distinct r.old_value, r.new_value, r.known_from = jao.horizon('core', 'maxExchanges') as is_newest,
                t.outcome
         from jao.revision r
         join jao.series s using (region, dataset, key)
         join jao.observation o on o.series_id = s.series_id and o.delivery_start = r.delivery_start and o.known_from = r.known_from
         join ops.attempt t using (attempt_id)
         where r.old_value = 99`,
      ),
    ).toEqual([{ old_value: 99, new_value: 1, is_newest: true, outcome: 'stored' }]);
    expect(
      await owner.query(
        `select state, decided_by from ops.quarantine where contract_version = 'older'`,
      ),
    ).toEqual([{ state: 'replayed', decided_by: 'jao-scraper reparse' }]);
    await expectVerified(database);
  });

  test('finds nothing more to do the second time', async () => {
    await readOtherwise();
    await reparse();
    const before = await versions();
    expect((await reparse()).datasets[0]?.days).toMatchObject({ corrected: 0, unchanged: 7 });
    expect(await versions()).toEqual(before);
  });

  test('withdraws now what no payload has, and keeps what it cannot read', async () => {
    await tellStories(store, owner, contract, first);
    await owner.query(
      `insert into jao.observation
       select o.series_id, o.delivery_start + interval '1 hour', o.known_from, 5, false, o.attempt_id
       from jao.observation o join jao.series s using (series_id)
       where s.key = 'border_DE_FR' order by o.delivery_start desc limit 1`,
    );
    const report = await reparse();
    expect(report.datasets[0]?.versions).toEqual({ rebuilt: 0, corrected: 1 });
  });
});

test('a day that never had a version learns now what a newer contract can read', async () => {
  await tellStories(store, owner, contract, first);
  await owner.query('truncate jao.observation, jao.day_key_set');
  await owner.query(
    'update ops.attempt set known_from = null, added = 0, revised = 0, withdrawn = 0',
  );
  const { at } = await owner.row(
    z.object({ at: z.date() }),
    `select clock_timestamp() - interval '1 second' as at`,
  );
  const report = await reparse();
  expect(report.datasets[0]?.days).toMatchObject({ rebuilt: 0, corrected: 6 });
  expect(await owner.query('select from jao.observation where known_from < $1', [at])).toHaveLength(
    0,
  );
});
