import { beforeEach, describe, expect, test } from 'vitest';

import { closeAttempt, endPostgresRun } from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { embeddedServer, useWorker } from './databases.ts';
import { noTotals, openWindow, startRun } from './sample-run.ts';

describe('an attempt', () => {
  let db: PostgresDatabase;
  let runId: string;

  useWorker(embeddedServer(), (opened) => {
    db = opened;
  });

  beforeEach(async () => {
    runId = await startRun(db);
  });

  test('written again, as an error at COMMIT asks for, is the same one', async () => {
    const first = await openWindow(db, runId);
    expect(await openWindow(db, runId)).toBe(first);
    expect(await openWindow(db, runId, { lengthMs: 7_200_000 })).not.toBe(first);
    await closeAttempt(db, { attemptId: first, outcome: 'reset' });
    expect(await openWindow(db, runId)).not.toBe(first);
  });

  test('that is left open ends with its run, and with no other', async () => {
    const left = await openWindow(db, runId);
    const mine = runId;
    runId = await startRun(db);
    const others = await openWindow(db, runId);
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
    const attemptId = await openWindow(db, runId);
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
