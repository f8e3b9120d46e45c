import {
  acquireLease,
  bumpCounters,
  closeAttempt,
  endPostgresRun,
  openAttempt,
  pauseOrigin,
  quarantineItems,
  recordDrift,
  startPostgresRun,
  takeToken,
} from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { randomUUID } from 'node:crypto';

/** The dataset that something happened to. */
export const dataset = 'core/maxExchanges';
const origin = 'https://source.example';
const noTotals = {
  read: 0,
  accepted: 0,
  duplicate: 0,
  conflicting: 0,
  quarantined: 0,
  refused: 0,
  unchanged: 0,
};

/** Lets happen in schema `ops` what any metric tells of, and in the views of `jao-scraper`. */
export async function fillLedger(owner: PostgresDatabase): Promise<void> {
  const start = (command: string, runId: string) =>
    startPostgresRun(owner, {
      runId,
      app: 'jao-scraper',
      command,
      appVersion: '1.0.0',
      contractVersion: '1',
      heartbeatTtlMs: 600_000,
    });
  const [backfill, watch] = [randomUUID(), randomUUID()];
  await start('backfill', backfill);
  const attemptId = await openWindow(owner, backfill, '2026-03-10');
  await closeAttempt(owner, {
    attemptId,
    outcome: 'stored',
    read: 9,
    added: 6,
    revised: 1,
    quarantined: 2,
  });
  await fillQuarantine(owner, backfill, attemptId);
  await endPostgresRun(owner, { runId: backfill, outcome: 'failed', totals: noTotals });
  await start('watch', watch);
  await openWindow(owner, watch, '2026-03-11');
  await acquireLease(owner, {
    name: `watch ${dataset}`,
    holder: 'host 1',
    runId: watch,
    ttlMs: 600_000,
  });
  await takeToken(owner, origin, { perMinute: 80 });
  await pauseOrigin(owner, origin, 60_000);
  await recordDrift(owner, { dataset, attemptId }, [{ kind: 'new_key', value: 'a' }]);
  await owner.transaction((tx) =>
    bumpCounters(tx, [
      { name: 'sluice_revisions_total', labels: { dataset, kind: 'added' }, by: 6 },
      { name: 'sluice_revisions_total', labels: { dataset, kind: 'value' }, by: 1 },
      { name: 'sluice_quarantined_total', labels: { dataset, reason: 'not_a_number' }, by: 2 },
      {
        name: 'sluice_quarantine_decided_total',
        labels: { dataset, reason: 'not_a_number', state: 'discarded' },
        by: 1,
      },
      { name: 'sluice_ledger_differences_total', labels: { dataset }, by: 1 },
      { name: 'sluice_outbox_delivered_total', labels: { type: 'revision' }, by: 2 },
      { name: 'sluice_outbox_failures_total', labels: { reason: 'http_5xx' }, by: 3 },
      { name: 'sluice_of_a_newer_app_total', labels: {}, by: 1 },
    ]),
  );
  await fillChecks(owner, watch);
  await fillViews(owner);
}

async function openWindow(
  owner: PostgresDatabase,
  runId: string,
  businessDay: string,
): Promise<number> {
  const windowStartMs = Date.parse(`${businessDay}T00:00:00Z`);
  return openAttempt(owner, {
    runId,
    dataset,
    businessDay,
    windowStartMs,
    windowEndMs: windowStartMs + 86_400_000,
    origin,
    url: `${origin}/`,
    contractVersion: '1',
  });
}

async function fillQuarantine(
  owner: PostgresDatabase,
  runId: string,
  attemptId: number,
): Promise<void> {
  const item = {
    pointer: '/data/0/a',
    seriesKey: 'a',
    deliveryStartMs: null,
    reason: 'not_a_number',
    message: 'a text',
    raw: '"x"',
  };
  await owner.transaction((tx) =>
    quarantineItems(
      tx,
      {
        runId,
        attemptId,
        dataset,
        businessDay: '2026-03-10',
        url: `${origin}/`,
        contractVersion: '1',
      },
      [item, { ...item, pointer: '/data/1/a' }],
    ),
  );
}

async function fillChecks(owner: PostgresDatabase, runId: string): Promise<void> {
  await owner.run(
    `insert into ops.check_result (result_id, run_id, dataset, relation, check_id, kind, fingerprint, outcome,
       severity, failing, expected, message, duration_ms, checked_at)
     select gen_random_uuid(), $1, $2, 'jao.latest', c.id, 'range', 'f', c.outcome, c.severity, c.failing, '', '', 1,
       now() - c.age
     from (values
       ('cells.fine', 'passed', null, 0, interval '1 hour'),
       ('cells.warns', 'warned', 'warn', 3, interval '1 hour'),
       ('cells.fails', 'failed', 'error', 4, interval '1 hour'),
       ('cells.breaks', 'error', null, null, interval '1 hour'),
       ('cells.forgotten', 'failed', 'error', 1, interval '60 days')
     ) as c (id, outcome, severity, failing, age)`,
    [runId, dataset],
  );
}

async function fillViews(owner: PostgresDatabase): Promise<void> {
  await owner.run(
    `insert into ops.stored_dataset_v1 values
       ($1, '2026-03-11', '2026-03-10', '2026-03-10 09:30Z', '2 hours', '2026-03-11 10:00Z', '2026-03-10 10:00Z', 3)`,
    [dataset],
  );
  await owner.run(
    `insert into ops.stored_completeness_v1
       (dataset, days, newest_day, cells, present, not_expected, withdrawn, unavailable, quarantined, not_due, late,
        not_collected, not_provided)
     values ($1, 1, '2026-03-11', 100, 40, 10, 1, 10, 2, 0, 7, 20, 10), ($1, 7, '2026-03-11', 5, 0, 5, 0, 0, 0, 0, 0, 0, 0)`,
    [dataset],
  );
  await owner.run(
    `insert into ops.stored_series_v1 values
       ($1, 'border_AT_BE', '2026-03-10 22:00Z'), ($1, 'border_BE_AT', '2026-03-08 22:00Z'), ($1, 'border_new', null)`,
    [dataset],
  );
  await owner.run(`insert into ops.stored_outbox_v1 values (4, 1, '2026-03-10 12:00Z')`);
}
