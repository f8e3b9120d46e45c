import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import {
  closeAttempt,
  pauseOrigin,
  readOrigins,
  readPause,
  takeToken,
} from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { servers, useWorker } from './databases.ts';
import { openWindow, startRun } from './sample-run.ts';

describe.each(servers)('the pace of an origin on $label', (named) => {
  let db: PostgresDatabase;
  let origin: string;

  useWorker(named, (opened) => {
    db = opened;
  });

  beforeEach(() => {
    origin = `http://${randomUUID()}:80`;
  });

  /** As if so much time had passed since the bucket was last looked at. */
  async function pass(seconds: number): Promise<void> {
    await db.run(
      `update ops.origin set refilled_at = refilled_at - make_interval(secs => $2),
              paused_until = paused_until - make_interval(secs => $2)
        where origin = $1`,
      [origin, seconds],
    );
  }

  async function attemptToldToWait(of: string, retryAfterMs: number): Promise<number> {
    const attemptId = await openWindow(db, await startRun(db), { origin: of });
    await closeAttempt(db, { attemptId, outcome: 'http_429', httpStatus: 429, retryAfterMs });
    return attemptId;
  }

  async function grants(count: number, pace: Parameters<typeof takeToken>[2]): Promise<number> {
    const answers = await Promise.all(
      Array.from({ length: count }, () => takeToken(db, origin, pace)),
    );
    return answers.filter(({ isGranted }) => isGranted).length;
  }

  test('grants what the bucket holds, and says how long to wait for the next', async () => {
    expect(await grants(5, { perMinute: 1 })).toBe(5);
    const answer = await takeToken(db, origin, { perMinute: 1 });
    expect(answer).toMatchObject({ isGranted: false });
    const { waitMs } = z.object({ waitMs: z.number() }).parse(answer);
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
  });

  test('lets many takers at once have no more than capacity and what has run in since', async () => {
    const started = performance.now();
    const granted = await grants(300, { perMinute: 600, capacity: 5 });
    const seconds = (performance.now() - started) / 1000;
    expect(granted).toBeGreaterThanOrEqual(5);
    expect(granted).toBeLessThanOrEqual(5 + Math.ceil(seconds * 10));
  });

  test('never lets more through than capacity and what ran in, at any steps of time and takers', async () => {
    const step = fc.record({
      seconds: fc.double({ min: 0, max: 20, noNaN: true }),
      takers: fc.integer({ min: 1, max: 25 }),
    });
    const pace = { perMinute: 80, capacity: 5 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        origin = `http://${randomUUID()}:80`;
        const begun = performance.now();
        let model = pace.capacity;
        let least = 0;
        let passed = 0;
        let granted = 0;
        for (const { seconds, takers } of steps) {
          await pass(seconds);
          passed += seconds;
          granted += await grants(takers, pace);
          // What the bucket gives if the statements take no time.
          model = Math.min(pace.capacity, model + (granted === 0 ? 0 : (seconds * 80) / 60));
          const given = Math.min(takers, Math.floor(model + 1e-6));
          model -= given;
          least += given;
        }
        const realSeconds = (performance.now() - begun) / 1000;
        expect(granted).toBeGreaterThanOrEqual(least);
        expect(granted).toBeLessThanOrEqual(
          pace.capacity + Math.ceil(((passed + realSeconds) * 80) / 60),
        );
      }),
      { numRuns: 25 },
    );
  });

  test('fills to its capacity and no further', async () => {
    await grants(5, { perMinute: 1 });
    await pass(3_600);
    expect(await grants(20, { perMinute: 1 })).toBe(5);
  });

  test('keeps a reserve for those that go first', async () => {
    expect(await grants(10, { perMinute: 1, reserve: 1 })).toBe(4);
    expect(await grants(10, { perMinute: 1 })).toBe(1);
  });

  test('takes another pace at once', async () => {
    await grants(5, { perMinute: 1 });
    await pass(1);
    expect(await grants(1, { perMinute: 1 })).toBe(0);
    expect(await grants(1, { perMinute: 120 })).toBe(1);
  });

  test('grants nothing in a pause, which only gets longer', async () => {
    await takeToken(db, origin, { perMinute: 60 });
    const first = await pauseOrigin(db, origin, 30_000);
    expect(first.remainingMs).toBeGreaterThan(29_000);
    const second = await pauseOrigin(db, origin, 1_000);
    expect(second.untilMs).toBe(first.untilMs);
    expect(second.remainingMs).toBeGreaterThan(25_000);
    const answer = await takeToken(db, origin, { perMinute: 60 });
    const { waitMs } = z.object({ waitMs: z.number() }).parse(answer);
    expect(waitMs).toBeGreaterThan(25_000);
    expect(waitMs).toBeLessThanOrEqual(30_000);
    await pass(31);
    expect(await takeToken(db, origin, { perMinute: 60 })).toEqual({ isGranted: true });
  });

  test.each([0, 60])(
    'tells a pause apart from the pace, and until when it is, at pace %i',
    async (perMinute) => {
      const { untilMs } = await pauseOrigin(db, origin, 30_000);
      const paused = await takeToken(db, origin, { perMinute });
      expect(paused).toMatchObject({ isGranted: false, pause: { untilMs } });
      expect(await readPause(db, origin)).toMatchObject({ untilMs });
      await pass(31);
      expect(await readPause(db, origin)).toBeUndefined();
      await grants(5, { perMinute: 1 });
      expect(await takeToken(db, origin, { perMinute: 1 })).toMatchObject({
        isGranted: false,
        pause: undefined,
      });
    },
  );

  test('lists origins with what was taken, and the attempt that a pause came from', async () => {
    const paused = `http://${randomUUID()}:80`;
    await grants(3, { perMinute: 60 });
    await pauseOrigin(db, paused, 30_000);
    const find = async (name: string) =>
      (await readOrigins(db)).find((state) => state.origin === name);
    expect(await find(origin)).toEqual({
      origin,
      requests: 3,
      pause: undefined,
      pausedBy: undefined,
    });
    expect(await find(paused)).toMatchObject({
      requests: 0,
      pause: { untilMs: expect.any(Number) as number },
      pausedBy: undefined,
    });
    const attemptId = await attemptToldToWait(paused, 30_000);
    expect((await find(paused))?.pausedBy).toEqual({
      attemptId,
      dataset: 'core/maxExchanges',
      businessDay: '2024-03-31',
      httpStatus: 429,
      retryAfterMs: 30_000,
    });
    await db.run('update ops.origin set paused_until = null where origin = $1', [paused]);
    expect(await find(paused)).toMatchObject({ pause: undefined, pausedBy: undefined });
  });

  test('may be paused before anybody has asked', async () => {
    await pauseOrigin(db, origin, 30_000);
    expect(await takeToken(db, origin, { perMinute: 60 })).toMatchObject({ isGranted: false });
  });

  test('without a limit grants any number at once, and counts nothing', async () => {
    expect(await grants(50, { perMinute: 0 })).toBe(50);
    expect(await db.query('select from ops.origin where origin = $1', [origin])).toEqual([]);
  });

  test('429 pauses every worker, at pace 0 too', async () => {
    await pauseOrigin(db, origin, 30_000);
    expect(await grants(5, { perMinute: 0 })).toBe(0);
    const answer = await takeToken(db, origin, { perMinute: 0 });
    const { waitMs } = z.object({ waitMs: z.number() }).parse(answer);
    expect(waitMs).toBeGreaterThan(25_000);
    expect(waitMs).toBeLessThanOrEqual(30_000);
    await pass(31);
    expect(await grants(5, { perMinute: 0 })).toBe(5);
  });

  test('counts nothing twice when the clock of the database is set back', async () => {
    await grants(5, { perMinute: 60 });
    await pass(-3_600);
    expect(await grants(3, { perMinute: 60 })).toBe(0);
  });
});
