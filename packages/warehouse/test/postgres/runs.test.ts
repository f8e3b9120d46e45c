import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';

import {
  acquireLease,
  beatRun,
  claimDays,
  endPostgresRun,
  postgresTotalNames,
  startPostgresRun,
} from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { servers, useWorker } from './databases.ts';
import { noTotals, openWindow, runStart, startRun } from './sample-run.ts';

describe.each(servers)('the ledger of runs on $label', (named) => {
  let db: PostgresDatabase;
  let runId: string;

  useWorker(named, (opened) => {
    db = opened;
  });

  beforeEach(async () => {
    runId = await startRun(db);
  });

  async function outcomeOf(id: string): Promise<unknown> {
    const [row] = await db.query(
      'select outcome, ended_at is not null as ended, heartbeat_at is not null as beat from ops.run where run_id = $1',
      [id],
    );
    return row;
  }

  test('a run ends with totals that add up, and with none that do not', async () => {
    await expect(
      endPostgresRun(db, {
        runId,
        outcome: 'succeeded',
        totals: { ...noTotals, read: 10, accepted: 4, unchanged: 5 },
      }),
    ).rejects.toMatchObject({ code: 'CONSTRAINT', retryable: false });
    await endPostgresRun(db, {
      runId,
      outcome: 'succeeded',
      totals: { ...noTotals, read: 10, accepted: 4, unchanged: 6 },
    });
    expect(await outcomeOf(runId)).toMatchObject({ outcome: 'succeeded', ended: true });
  });

  test('a run that ends leaves nothing: its attempts are abandoned, its claims and leases free', async () => {
    const attemptId = await openWindow(db, runId);
    const day = { dataset: `core/${runId}`, businessDay: '2024-03-31' };
    await claimDays(db, { days: [day], limit: 1, ttlMs: 600_000, runId });
    await acquireLease(db, { name: runId, holder: 'a', runId, ttlMs: 600_000 });
    await endPostgresRun(db, { runId, outcome: 'failed', totals: noTotals, error: 'no room' });
    expect(
      await db.query('select outcome from ops.attempt where attempt_id = $1', [attemptId]),
    ).toEqual([{ outcome: 'abandoned' }]);
    const next = randomUUID();
    expect(await claimDays(db, { days: [day], limit: 1, ttlMs: 1_000, runId: next })).toMatchObject(
      [{ isTakenOver: false, token: 2 }],
    );
    expect(
      await acquireLease(db, { name: runId, holder: 'b', runId: next, ttlMs: 1_000 }),
    ).toMatchObject({ token: 2 });
  });

  test('a run of another host whose heart has stopped is abandoned, with its attempts, claims and leases', async () => {
    const attemptId = await openWindow(db, runId);
    const day = { dataset: `core/${runId}`, businessDay: '2024-03-31' };
    await claimDays(db, { days: [day], limit: 1, ttlMs: 600_000, runId });
    await acquireLease(db, { name: runId, holder: 'a', runId, ttlMs: 600_000 });
    await db.run(
      `update ops.run set host = 'elsewhere', heartbeat_at = clock_timestamp() - interval '1 min'
        where run_id = $1`,
      [runId],
    );
    const next = randomUUID();
    expect(
      await startPostgresRun(db, { ...runStart, runId: next, heartbeatTtlMs: 90_000 }),
    ).not.toContain(runId);
    expect(
      await startPostgresRun(db, { ...runStart, runId: randomUUID(), heartbeatTtlMs: 30_000 }),
    ).toContain(runId);
    expect(await outcomeOf(runId)).toMatchObject({ outcome: 'abandoned', ended: true });
    expect(
      await db.query('select outcome from ops.attempt where attempt_id = $1', [attemptId]),
    ).toEqual([{ outcome: 'abandoned' }]);
    expect(await claimDays(db, { days: [day], limit: 1, ttlMs: 1_000, runId: next })).toMatchObject(
      [{ isTakenOver: true, token: 2 }],
    );
    expect(
      await acquireLease(db, { name: runId, holder: 'b', runId: next, ttlMs: 1_000 }),
    ).toMatchObject({ token: 2 });
  });

  test('a run whose process on this host is gone is abandoned at once', async () => {
    await db.run(`update ops.run set process_mark = '1-0.00000000' where run_id = $1`, [runId]);
    expect(
      await startPostgresRun(db, { ...runStart, runId: randomUUID(), heartbeatTtlMs: 600_000 }),
    ).toEqual([runId]);
  });

  test('a run that was taken for dead and lives says so with its next heartbeat', async () => {
    await db.run(
      `update ops.run set outcome = 'abandoned', ended_at = clock_timestamp() where run_id = $1`,
      [runId],
    );
    expect(await beatRun(db, { runId, totals: noTotals })).toBe(true);
    expect(await outcomeOf(runId)).toMatchObject({ outcome: 'running', ended: false });
    expect(await beatRun(db, { runId: randomUUID(), totals: noTotals })).toBe(false);
  });

  test('a run that dies leaves the totals of its last heartbeat', async () => {
    const totals = { ...noTotals, read: 7, accepted: 4, unchanged: 3 };
    await beatRun(db, { runId, totals: { ...totals, read: 4, unchanged: 0 } });
    await beatRun(db, { runId, totals });
    await db.run(`update ops.run set process_mark = '1-0.00000000' where run_id = $1`, [runId]);
    await startPostgresRun(db, { ...runStart, runId: randomUUID(), heartbeatTtlMs: 600_000 });
    expect(
      await db.query(
        `select outcome, ${postgresTotalNames.join(', ')} from ops.run where run_id = $1`,
        [runId],
      ),
    ).toEqual([{ outcome: 'abandoned', ...totals }]);
  });
});
