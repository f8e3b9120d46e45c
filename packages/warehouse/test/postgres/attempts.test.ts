import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  closeAttempt,
  endPostgresRun,
  openAttempt,
  startPostgresRun,
} from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { createOpsDatabase, embeddedServer, open } from './databases.ts';

const noTotals = {
  read: 0,
  accepted: 0,
  duplicate: 0,
  conflicting: 0,
  quarantined: 0,
  refused: 0,
  unchanged: 0,
};

describe('an attempt', () => {
  let db: PostgresDatabase;
  let runId: string;

  beforeAll(async () => {
    db = await open(await createOpsDatabase(embeddedServer()), 'worker');
  });

  afterAll(async () => {
    await db.close();
  });

  beforeEach(async () => {
    runId = await start();
  });

  async function start(): Promise<string> {
    const id = randomUUID();
    await startPostgresRun(db, {
      runId: id,
      app: 'jao-scraper',
      command: 'backfill',
      appVersion: '1.2.3',
      contractVersion: '2026-01',
      heartbeatTtlMs: 60_000,
    });
    return id;
  }

  async function openWindow(lengthMs: number): Promise<number> {
    return openAttempt(db, {
      runId,
      dataset: 'core/maxExchanges',
      businessDay: '2024-03-31',
      windowStartMs: Date.UTC(2024, 2, 30, 23),
      windowEndMs: Date.UTC(2024, 2, 30, 23) + lengthMs,
      origin: 'http://127.0.0.1:8080',
      url: 'http://127.0.0.1:8080/core/api/data/maxExchanges',
      contractVersion: '2026-01',
    });
  }

  test('written again, as an error at COMMIT asks for, is the same one', async () => {
    const first = await openWindow(3_600_000);
    expect(await openWindow(3_600_000)).toBe(first);
    expect(await openWindow(7_200_000)).not.toBe(first);
    await closeAttempt(db, { attemptId: first, outcome: 'reset' });
    expect(await openWindow(3_600_000)).not.toBe(first);
  });

  test('that is left open ends with its run, and with no other', async () => {
    const left = await openWindow(3_600_000);
    const mine = runId;
    runId = await start();
    const others = await openWindow(3_600_000);
    await endPostgresRun(db, { runId: mine, outcome: 'succeeded', totals: noTotals });
    expect(
      await db.query(
        'select attempt_id, outcome from ops.attempt where attempt_id = any($1) order by attempt_id',
        [[left, others]],
      ),
    ).toEqual([
      { attempt_id: left, outcome: 'abandoned' },
      { attempt_id: others, outcome: 'running' },
    ]);
  });

  test('that has ended stays as it is, unless it was only taken for dead', async () => {
    const attemptId = await openWindow(3_600_000);
    const knownFromMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const read = () =>
      db.query('select outcome, known_from, error from ops.attempt where attempt_id = $1', [
        attemptId,
      ]);
    await closeAttempt(db, { attemptId, outcome: 'abandoned' });
    await closeAttempt(db, { attemptId, outcome: 'stored', knownFromMs });
    await closeAttempt(db, { attemptId, outcome: 'fenced', error: 'too late' });
    expect(await read()).toEqual([
      { outcome: 'stored', known_from: new Date(knownFromMs), error: null },
    ]);
  });
});
