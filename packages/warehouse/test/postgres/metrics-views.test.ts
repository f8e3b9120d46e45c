import { metricsViews } from '@sluice/schemas';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import {
  bumpCounters,
  closeAttempt,
  endPostgresRun,
  migratePostgres,
  opsPostgresMigrations,
  startPostgresRun,
} from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createTestDatabase, openAs } from '../../src/postgres/testing.ts';
import type { TestDatabase } from '../../src/postgres/testing.ts';
import { createOpsDatabase, servers } from './databases.ts';
import { noTotals, openWindow, runStart, startRun } from './sample-run.ts';

const ttlMs = 600_000;

describe.each(servers)('the views for metrics on $label', (named) => {
  let database: TestDatabase;
  let owner: PostgresDatabase;
  let worker: PostgresDatabase;
  let metrics: PostgresDatabase;

  beforeAll(async () => {
    database = await createOpsDatabase(named);
    owner = await openAs(database, 'owner');
    worker = await openAs(database, 'worker', { poolSize: 10 });
    metrics = await openAs(database, 'metrics');
  });

  afterAll(async () => {
    await Promise.all([owner, worker, metrics].map((db) => db.close()));
  });

  test('have the columns of their contract, and say what they are', async () => {
    const rows = await owner.rows(
      z.object({
        view: z.string(),
        column: z.string(),
        type: z.string(),
        isDescribed: z.boolean(),
      }),
      `select c.relname as view, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
         obj_description(c.oid, 'pg_class') is not null as "isDescribed"
       from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'ops'::regnamespace and c.relkind = 'v' and a.attnum > 0
       order by c.relname, a.attnum`,
    );
    const found = [...Map.groupBy(rows, ({ view }) => view)].map(([view, columns]) => [
      view,
      columns.map(({ column, type }) => [column, type]),
    ]);
    const promised = Object.entries(metricsViews.ops)
      .map(([view, columns]) => [view, Object.entries(columns)] as const)
      .toSorted(([left], [right]) => (left < right ? -1 : 1));
    expect(found).toEqual(promised);
    expect(rows.filter(({ isDescribed }) => !isDescribed)).toEqual([]);
  });

  test.each(Object.keys(metricsViews.ops))('ops.%s is for the role of metrics', async (view) => {
    await metrics.query(`select * from ops.${view}`);
    const reader = await openAs(database, 'reader');
    await expect(reader.query(`select * from ops.${view}`)).rejects.toMatchObject({
      code: 'DENIED',
    });
    await reader.close();
  });

  test('a view that an app adds stays readable when the grants of ops are given again', async () => {
    await owner.run('create view ops.metrics_other_v1 as select 1 as one');
    onTestFinished(async () => {
      await owner.run('drop view ops.metrics_other_v1');
    });
    await owner.transaction((tx) => tx.script(opsPostgresMigrations.grants));
    expect(await metrics.query('select one from ops.metrics_other_v1')).toEqual([{ one: 1 }]);
  });

  test('jobs are counted by their runs, and stay so when the ledger is pruned', async () => {
    const command = `test-${randomUUID()}`;
    const start = async (heartbeatTtlMs = ttlMs): Promise<string> => {
      const runId = randomUUID();
      await startPostgresRun(worker, { ...runStart, command, runId, heartbeatTtlMs });
      return runId;
    };
    const read = async (): Promise<unknown> => {
      const [row] = await metrics.query(
        `select running, oldest_heartbeat_at is not null as beats, succeeded, failed, abandoned,
           last_ended_at >= last_started_at as ended, last_succeeded_at <= last_ended_at as succeeded_before,
           last_duration >= interval '0' as took
         from ops.metrics_job_v1 where job_name = $1`,
        [`jao-scraper ${command}`],
      );
      return row;
    };
    const first = await start();
    expect(await read()).toEqual({
      running: 1,
      beats: true,
      succeeded: 0,
      failed: 0,
      abandoned: 0,
      ended: null,
      succeeded_before: null,
      took: null,
    });
    for (let time = 0; time < 2; time += 1) {
      await endPostgresRun(worker, { runId: first, outcome: 'succeeded', totals: noTotals });
    }
    await endPostgresRun(worker, { runId: await start(), outcome: 'failed', totals: noTotals });
    const dead = await start();
    await owner.run(
      `update ops.run set heartbeat_at = heartbeat_at - interval '1 hour' where run_id = $1`,
      [dead],
    );
    const last = await start();
    await endPostgresRun(worker, { runId: last, outcome: 'failed', totals: noTotals });
    const counts = { running: 0, beats: false, succeeded: 1, failed: 2, abandoned: 1 };
    const ends = { ended: true, succeeded_before: true, took: true };
    expect(await read()).toEqual({ ...counts, ...ends });
    await owner.run('delete from ops.run where command = $1', [command]);
    expect(await read()).toEqual({ ...counts, ...ends });
  });

  test('attempts and their cells are counted when they end, in the transaction that ends them', async () => {
    const runId = await startRun(worker);
    const attemptId = await openWindow(worker, runId);
    const end = {
      attemptId,
      outcome: 'stored',
      read: 10,
      added: 4,
      revised: 1,
      unchanged: 2,
      duplicate: 0,
      quarantined: 3,
      withdrawn: 5,
    } as const;
    const before = await readCounters();
    expect(await metrics.query('select dataset, running from ops.metrics_attempt_v1')).toEqual([
      { dataset: 'core/maxExchanges', running: 1 },
    ]);
    await worker
      .transaction(async (tx) => {
        await closeAttempt(tx, end);
        throw new Error('no');
      })
      .catch(() => undefined);
    expect(await readCounters()).toEqual(before);
    await closeAttempt(worker, end);
    await closeAttempt(worker, { ...end, outcome: 'unchanged' });
    expect(await metrics.query('select * from ops.metrics_attempt_v1')).toEqual([]);
    const after = await readCounters();
    const steps = Object.entries(after).map(
      ([name, value]) => [name, value - (before[name] ?? 0)] as const,
    );
    expect(Object.fromEntries(steps.filter(([, step]) => step !== 0))).toEqual({
      'sluice_source_attempts_total stored': 1,
      'sluice_ingest_rows_read_total ': 10,
      'sluice_ingest_rows_total added': 4,
      'sluice_ingest_rows_total revised': 1,
      'sluice_ingest_rows_total unchanged': 2,
      'sluice_ingest_rows_total quarantined': 3,
    });
  });

  async function readCounters(): Promise<Record<string, number>> {
    const rows = await metrics.rows(
      z.object({ name: z.string(), value: z.number() }),
      `select name || ' ' || coalesce(labels ->> 'outcome', '') as name, value
       from ops.metrics_counter_v1 where labels ->> 'dataset' = 'core/maxExchanges'`,
    );
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  }

  test('what was counted once gets no more rows', async () => {
    const countRows = () =>
      owner.query(
        'select (select count(*) from ops.attempt_count) + (select count(*) from ops.counter) as n',
      );
    const before = await countRows();
    const runId = await startRun(worker);
    for (const outcome of ['stored', 'unchanged', 'http_429'] as const) {
      await closeAttempt(worker, { attemptId: await openWindow(worker, runId), outcome, read: 1 });
    }
    expect(await countRows()).toEqual(before);
  });

  test('many who end attempts and runs at once all count, and none waits for ever', async () => {
    const before = await readCounters();
    const outcomes = ['stored', 'unchanged', 'http_5xx'] as const;
    await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const runId = await startRun(worker);
        const ids = [
          await openWindow(worker, runId, { lengthMs: 1 + n }),
          await openWindow(worker, runId, { lengthMs: 100 + n }),
        ];
        await worker.transaction(async (tx) => {
          for (const attemptId of n % 2 === 0 ? ids : ids.toReversed()) {
            await closeAttempt(tx, { attemptId, outcome: outcomes[n % 3] ?? 'stored', read: 1 });
          }
          await bumpCounters(tx, [{ name: 'test', labels: { n: 'same' }, by: 1 }]);
        });
        await openWindow(worker, runId, { lengthMs: 200 + n });
        await endPostgresRun(worker, { runId, outcome: 'succeeded', totals: noTotals });
      }),
    );
    const after = await readCounters();
    const stepOf = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    for (const outcome of outcomes) {
      expect(stepOf(`sluice_source_attempts_total ${outcome}`)).toBe(20);
    }
    expect(stepOf('sluice_source_attempts_total abandoned')).toBe(30);
    expect(stepOf('sluice_ingest_rows_read_total ')).toBe(60);
  });

  test('a counter tells when it last went up', async () => {
    const step = { name: 'test_times', labels: {}, by: 1 };
    const changedAt = async () => {
      const { at } = await metrics.row(
        z.object({ at: z.date() }),
        `select changed_at as at from ops.metrics_counter_v1 where name = 'test_times'`,
      );
      return at.getTime();
    };
    await worker.transaction((tx) => bumpCounters(tx, [step]));
    await owner.run(
      `update ops.counter set changed_at = changed_at - interval '1 hour' where name = 'test_times'`,
    );
    const old = await changedAt();
    await worker.transaction((tx) => bumpCounters(tx, [step]));
    expect(await changedAt()).toBeGreaterThan(old);
  });

  test('the newest result of a check is that about the newest days, and is found without the rest', async () => {
    const runId = await startRun(worker);
    const insert = `insert into ops.check_result (result_id, run_id, dataset, relation, check_id, kind,
      fingerprint, outcome, severity, expected, message, duration_ms, checked_at, period_from, period_to, failing)
      select gen_random_uuid(), $1, 'd' || g.check % 3, 'jao.latest', 'check ' || g.check, 'range', 'f', g.outcome,
        case when g.outcome = 'failed' then 'error' end, '', '', 1, timestamptz '2026-01-01Z' + g.age, g.day, g.day, g.n`;
    // Days that were checked again later, whatever was found then, are not the newest.
    await worker.run(
      `${insert} from (
         select c as check, n, 'passed' as outcome, n * interval '1 minute' as age, date '2025-01-01' + n % 300 as day
         from generate_series(0, 11) c, generate_series(1, 3000) n
         union all
         select c, -1, 'failed', interval '-1 hour', date '2026-01-01' from generate_series(0, 10) c
         union all
         select 12, -2, 'failed', interval '0', null::date
       ) g`,
      [runId],
    );
    await owner.run('analyze ops.check_result');
    const rows = await metrics.rows(
      z.object({ check: z.string(), outcome: z.string(), failing: z.int() }),
      `select check_id as check, outcome, failing from ops.metrics_check_v1 order by length(check_id), check_id`,
    );
    expect(rows).toEqual(
      Array.from({ length: 13 }, (_, n) =>
        n < 11
          ? { check: `check ${n}`, outcome: 'failed', failing: -1 }
          : n === 11
            ? { check: 'check 11', outcome: 'passed', failing: 2999 }
            : { check: 'check 12', outcome: 'failed', failing: -2 },
      ),
    );
    const [plan] = await owner.rows(
      z.object({
        'QUERY PLAN': z.tuple([
          z.object({
            Plan: z.object({ 'Shared Hit Blocks': z.int(), 'Shared Read Blocks': z.int() }),
          }),
        ]),
      }),
      'explain (analyze, buffers, format json) select * from ops.metrics_check_v1',
    );
    const [{ Plan: root }] = plan?.['QUERY PLAN'] ?? expect.unreachable();
    expect(root['Shared Hit Blocks'] + root['Shared Read Blocks']).toBeLessThan(500);
  });
});

test.each(servers)('what was on the ledger before is counted on $label', async (named) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-older-ops-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of (await readdir(opsPostgresMigrations.folder)).filter(
    (each) => each < '0004',
  )) {
    await cp(new URL(name, opsPostgresMigrations.folder), join(folder, name));
  }
  const database = await createTestDatabase(named.server);
  const owner = await openAs(database, 'owner');
  onTestFinished(() => owner.close());
  const older = { component: 'ops', folder: pathToFileURL(`${folder}/`), grants: '' };
  await migratePostgres(owner, [older], { appVersion: '1.0.0' });
  const runId = await startRun(owner);
  const ids = [
    await openWindow(owner, runId, { lengthMs: 1 }),
    await openWindow(owner, runId, { lengthMs: 2 }),
  ];
  // As an app of then: `closeAttempt` writes columns that came later.
  await owner.run(
    `update ops.attempt set outcome = 'stored', ended_at = clock_timestamp(), read = 3, added = 2,
            quarantined = 1
      where attempt_id = any($1)`,
    [ids],
  );
  await openWindow(owner, runId, { lengthMs: 3 });
  await owner.run(`update ops.run set outcome = 'succeeded', ended_at = now() where run_id = $1`, [
    runId,
  ]);
  await startRun(owner);

  await migratePostgres(owner, [opsPostgresMigrations], { appVersion: '2.0.0' });
  expect(
    await owner.query(
      `select job_name, running, succeeded, failed, abandoned, last_succeeded_at = last_ended_at as ended
       from ops.metrics_job_v1`,
    ),
  ).toEqual([
    {
      job_name: 'jao-scraper backfill',
      running: 1,
      succeeded: 1,
      failed: 0,
      abandoned: 0,
      ended: true,
    },
  ]);
  const rows = await owner.rows(
    z.object({ name: z.string(), outcome: z.string().nullable(), value: z.number() }),
    `select name, labels ->> 'outcome' as outcome, value from ops.metrics_counter_v1
     where value <> 0 order by 1, 2`,
  );
  expect(rows).toEqual([
    { name: 'sluice_ingest_rows_read_total', outcome: null, value: 6 },
    { name: 'sluice_ingest_rows_total', outcome: 'added', value: 4 },
    { name: 'sluice_ingest_rows_total', outcome: 'quarantined', value: 2 },
    { name: 'sluice_source_attempts_total', outcome: 'stored', value: 2 },
  ]);
});
