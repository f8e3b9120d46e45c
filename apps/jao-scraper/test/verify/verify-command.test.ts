import { exitCodes } from '@sluice/schemas';
import { jaoVerifyReportSchema } from '@sluice/schemas/jao';
import type { JaoVerifyReport } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { verifyCommand } from '../../src/verify/verify-command.ts';
import type { VerifyCommandOptions } from '../../src/verify/verify-command.ts';
import { contextOn } from '../store/commands.ts';
import { answerOf, throughout } from '../store/answers.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { tellStories } from '../store/told-stories.ts';

const contract = contractOf('core/maxExchanges');
const first = '2026-01-05';

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;
/** Mends what a test has damaged, foreign keys or not. */
let superuser: PostgresDatabase;

beforeAll(async () => {
  database = await createJaoDatabase();
  store = await openStore(database);
  owner = await openAs(database, 'owner');
  superuser = await openAs(database, 'owner', { url: database.url('superuser') });
  await tellStories(store, owner, contract, first);
});

afterAll(async () => {
  await store.close();
  await owner.close();
  await superuser.close();
});

async function verified(
  options: Omit<VerifyCommandOptions, 'format'> = {},
): Promise<JaoVerifyReport> {
  const context = contextOn(database);
  const exitCode = await verifyCommand(context, { ...options, format: 'json' });
  const report = jaoVerifyReportSchema.parse(JSON.parse(context.printed()));
  expect(exitCode).toBe(report.outcome === 'passed' ? exitCodes.done : exitCodes.fellShort);
  return report;
}

const failed = ({ checks }: JaoVerifyReport): string[] =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);

describe('verify', () => {
  test('finds nothing where nothing is wrong, whatever has happened to the days', async () => {
    const report = await verified();
    expect(report.differences).toEqual({ count: 0, listed: [] });
    expect(report).toMatchObject({
      outcome: 'passed',
      datasets: [{ region: 'core', dataset: 'maxExchanges', days: 7 }],
    });
  });

  test('prints what was compared, and the checks, as tables', async () => {
    const context = contextOn(database);
    await verifyCommand(context, { format: 'table' });
    expect(context.printed()).toContain('core/maxExchanges');
    expect(context.printed()).toContain('versions.replayed');
  });

  test('has tables that fit into a terminal, and JSON with all of a difference', async () => {
    await damaged(`update jao.day_range set cells = cells + 1`, async () => {
      const context = contextOn(database);
      await verifyCommand(context, { format: 'table' });
      const lines = context.printed().split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
      expect((await verified()).differences.listed[0]?.message).toMatch(/^lacks present .* since /);
    });
  });

  test.each([
    [
      'a value that was changed behind our back',
      `update jao.observation set value = 99 where ctid = (select min(ctid) from jao.observation_2026)
         and tableoid = 'jao.observation_2026'::regclass`,
      ['versions.replayed'],
    ],
    [
      'a version that was lost',
      `delete from jao.observation where (series_id, delivery_start, known_from) in
         (select series_id, delivery_start, known_from from jao.observation order by 3, 1, 2 limit 1)`,
      ['days.ranges', 'days.recorded', 'versions.replayed'],
    ],
    [
      'a version that nobody brought',
      `insert into jao.observation select series_id, delivery_start, known_from - interval '1 hour', value, withdrawn, 0
       from jao.observation order by known_from, series_id, delivery_start limit 1`,
      [
        'days.ranges',
        'days.recorded',
        'versions.replayed',
        'versions.attempts',
        'versions.neighbours',
      ],
    ],
    [
      'a stamp that is newer than the clock',
      `update jao.clock set last = last - interval '1 hour'`,
      ['versions.stamped'],
    ],
    [
      'a payload that is gone',
      `delete from ops.payload where payload_hash = (select payload_hash from ops.attempt where outcome = 'stored' limit 1)`,
      ['payloads.readable'],
    ],
    [
      'a payload that was damaged',
      `update ops.payload set content = '\\x00' || substr(content, 2)
       where payload_hash = (select payload_hash from ops.attempt where outcome = 'stored' limit 1)`,
      ['payloads.readable'],
    ],
    [
      'another payload under its hash',
      `update ops.payload set content = convert_to('{"data":[]}', 'UTF8'), encoding = 'identity', decoded_bytes = 11
       where payload_hash = (select payload_hash from ops.attempt where outcome = 'stored' limit 1)`,
      ['payloads.readable'],
    ],
    [
      'a day that is said to be what it is not',
      `update jao.dataset_day set cells = cells + 1, finished = not finished where business_day = '${first}'`,
      ['days.recorded'],
    ],
    [
      'a range that is kept otherwise than its cells are',
      `update jao.day_range set cells = cells - 1 where business_day = '${first}'`,
      ['days.ranges'],
    ],
    [
      'a day of which no ranges are kept',
      `delete from jao.day_range where business_day = '${first}'`,
      ['days.ranges'],
    ],
    [
      'a day whose state is lost',
      `delete from jao.dataset_day where business_day = '${first}'`,
      ['days.recorded'],
    ],
    [
      'a set of keys that was changed',
      `update jao.key_set set series_ids = series_ids[2:] where cardinality(series_ids) = 3`,
      ['days.recorded', 'days.key_sets', 'key_sets.sound'],
    ],
    [
      'an attempt that did something else',
      `update ops.attempt set added = added + 1 where outcome = 'stored' and business_day = '${first}'`,
      ['attempts.replayed'],
    ],
    [
      'a day whose attempts are lost',
      `update ops.attempt set business_day = null where business_day = '2026-01-06'`,
      ['days.recorded', 'versions.replayed', 'versions.attempts', 'days.key_sets'],
    ],
    [
      'an entry of quarantine that is lost',
      `delete from ops.quarantine where quarantine_id = (select min(quarantine_id) from ops.quarantine)`,
      ['quarantine.recorded'],
    ],
    [
      'a day that an older contract has read',
      `update jao.dataset_day set contract_version = 'older' where business_day = '${first}'`,
      ['contracts.current'],
    ],
    [
      'an attempt and a claim of a run that died',
      `with run as (
         insert into ops.run (run_id, app, command, app_version, contract_version, host, process_id, process_mark, heartbeat_at)
         values (gen_random_uuid(), 'jao-scraper', 'backfill', '1', '1', 'elsewhere', 1, '1', now() - interval '1 hour')
         returning run_id
       ), attempt as (
         insert into ops.attempt (run_id, dataset, business_day, window_start, window_end, origin, url, contract_version)
         select run_id, 'core/maxExchanges', '${first}', now(), now() + interval '1 hour', '', '', '1' from run
       )
       update ops.claim c set run_id = run.run_id, claimed_until = now() - interval '1 hour' from run
       where c.business_day = '${first}'`,
      ['runs.ended', 'attempts.ended', 'claims.released'],
    ],
  ])('finds %s', async (_, damage, checks) => {
    await damaged(damage, async () => {
      const report = await verified();
      expect(failed(report).toSorted()).toEqual(checks.toSorted());
      expect(report.differences.count).toBeGreaterThanOrEqual(checks.length);
    });
  });

  test('finds days that are due and were never asked for', async () => {
    const report = await verified({ dataset: [contract.name], from: '2026-01-03' });
    expect(failed(report)).toEqual(['days.asked']);
    expect(report.differences).toMatchObject({
      count: 2,
      listed: [{ businessDay: '2026-01-03' }, {}],
    });
  });

  test('takes no day for missing that lies between what two runs have asked for', async () => {
    const later = await openStore(database);
    const day = '2026-01-20';
    await later.collect(
      contract,
      day,
      answerOf(contract, day, { a: throughout(contract, day, 1) }),
    );
    expect(await verified()).toMatchObject({ outcome: 'passed', datasets: [{ days: 16 }] });
    // One that the later run has left out itself is.
    const before = '2026-01-18';
    await later.collect(
      contract,
      before,
      answerOf(contract, before, { a: throughout(contract, before, 1) }),
    );
    expect((await verified()).differences).toMatchObject({
      count: 1,
      listed: [{ check: 'days.asked', businessDay: '2026-01-19' }],
    });
    await later.close();
  });

  test('says so where there is nothing to verify', async () => {
    expect(failed(await verified({ dataset: ['core/netPos'] }))).toEqual(['records.found']);
  });
});

/** Does damage, and mends it by what was there before. */
async function damaged(sql: string, look: () => Promise<void>): Promise<void> {
  const tables = [
    'jao.observation',
    'jao.clock',
    'jao.key_set',
    'jao.dataset_day',
    'jao.day_range',
    'ops.payload',
    'ops.quarantine',
    'ops.claim',
    'ops.attempt',
    'ops.run',
  ];
  await superuser.transaction(async (tx) => {
    for (const table of tables) {
      await tx.query(`create table public.${table.replace('.', '_')} as table ${table}`);
    }
    await tx.query(sql);
  });
  try {
    await look();
  } finally {
    await superuser.transaction(async (tx) => {
      await tx.query(`set local session_replication_role = replica`);
      for (const table of tables) {
        const copy = `public.${table.replace('.', '_')}`;
        await tx.query(`delete from ${table}`);
        await tx.query(`insert into ${table} overriding system value table ${copy}`);
        await tx.query(`drop table ${copy}`);
      }
    });
  }
}
