import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import {
  claimDays,
  holdClaim,
  openAttempt,
  readHeldDays,
  releaseClaim,
  releaseClaims,
  renewClaims,
  startPostgresRun,
} from '../../src/postgres/index.ts';
import type { Claim, PostgresDatabase } from '../../src/postgres/index.ts';
import { servers, useWorker } from './databases.ts';

const days = ['2024-03-30', '2024-03-31', '2024-04-01', '2024-04-02'].map((businessDay) => ({
  dataset: 'core/maxExchanges',
  businessDay,
}));

describe.each(servers)('claims of days on $label', (named) => {
  let db: PostgresDatabase;

  useWorker(named, (opened) => {
    db = opened;
  });

  let dataset: string;

  beforeEach(() => {
    dataset = `core/${randomUUID()}`;
  });

  function mine(): { dataset: string; businessDay: string }[] {
    return days.map(({ businessDay }) => ({ dataset, businessDay }));
  }

  async function claim(options: { limit?: number; ttlMs?: number } = {}) {
    return claimDays(db, {
      days: mine(),
      limit: options.limit ?? 10,
      ttlMs: options.ttlMs ?? 60_000,
      runId: randomUUID(),
    });
  }

  async function expire(): Promise<void> {
    await db.run(
      `update ops.claim set claimed_until = clock_timestamp() - interval '1 s' where dataset = $1`,
      [dataset],
    );
  }

  test('are given once, in the order that was asked for, and up to the limit', async () => {
    const first = await claim({ limit: 3 });
    expect(first.map(({ businessDay }) => businessDay)).toEqual([
      '2024-03-30',
      '2024-03-31',
      '2024-04-01',
    ]);
    expect(first.every(({ token, isTakenOver }) => token === 1 && !isTakenOver)).toBe(true);
    expect((await claim()).map(({ businessDay }) => businessDay)).toEqual(['2024-04-02']);
    expect(await claim()).toEqual([]);
  });

  test('are given again with a higher token once they were let go, and nothing is taken over', async () => {
    const [one] = await claim({ limit: 1 });
    expect(await releaseClaims(db, one === undefined ? [] : [one])).toBe(1);
    const [again] = await claim({ limit: 1 });
    expect(again).toMatchObject({ businessDay: '2024-03-30', token: 2, isTakenOver: false });
  });

  test('are given again to the run that holds them on record: it asks only where the answer was lost', async () => {
    const runId = randomUUID();
    const take = () => claimDays(db, { days: mine(), limit: 2, ttlMs: 60_000, runId });
    expect(await take()).toMatchObject([{ token: 1 }, { token: 1 }]);
    expect(await take()).toMatchObject([{ token: 2 }, { token: 2 }]);
    expect((await claim()).map(({ businessDay }) => businessDay)).toEqual([
      '2024-04-01',
      '2024-04-02',
    ]);
  });

  test('of a dead holder go to the next one, and what it had begun is abandoned', async () => {
    const runId = randomUUID();
    await startPostgresRun(db, {
      runId,
      app: 'test',
      command: 'backfill',
      appVersion: '1',
      contractVersion: '1',
      heartbeatTtlMs: 60_000,
    });
    await claim({ limit: 1 });
    const attemptId = await openAttempt(db, {
      runId,
      dataset,
      businessDay: '2024-03-30',
      windowStartMs: 0,
      windowEndMs: 1,
      origin: 'http://localhost',
      url: 'http://localhost/a',
      contractVersion: '1',
    });
    await expire();
    expect(await claim({ limit: 1 })).toMatchObject([{ token: 2, isTakenOver: true }]);
    expect(
      await db.query(
        'select outcome, ended_at is not null as ended from ops.attempt where attempt_id = $1',
        [attemptId],
      ),
    ).toEqual([{ outcome: 'abandoned', ended: true }]);
  });

  test('name who holds a day and until when, and nobody where it was let go', async () => {
    const [first, second] = await claim({ limit: 2 });
    expect(await releaseClaims(db, second === undefined ? [] : [second])).toBe(1);
    const held = await readHeldDays(db, mine());
    expect(held).toEqual([
      {
        dataset,
        businessDay: first?.businessDay,
        holder: expect.stringMatching(/^run [0-9a-f-]{36}$/) as unknown,
        claimedUntil: expect.any(Date) as unknown,
      },
    ]);
  });

  test('are held by one process each, however many ask at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => claim({ limit: 1 })));
    const taken = all.flat().map(({ businessDay }) => businessDay);
    expect([...taken].sort()).toEqual(days.map(({ businessDay }) => businessDay));
    await expire();
    const again = (await Promise.all(Array.from({ length: 40 }, () => claim({ limit: 1 })))).flat();
    expect(again.map(({ businessDay }) => businessDay).sort()).toEqual(taken.sort());
    expect(again.every(({ token }) => token === 2)).toBe(true);
  });

  test('fence: 200 stale writes of holders whose day was taken over are all refused', async () => {
    const stale = await claim({ limit: 1 });
    await expire();
    await claim({ limit: 1 });
    const writes = await Promise.allSettled(
      Array.from({ length: 200 }, () =>
        db.transaction(async (tx) => {
          for (const one of stale) {
            await holdClaim(tx, one);
          }
        }),
      ),
    );
    expect(writes.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(writes[0]).toMatchObject({ reason: { code: 'FENCED', retryable: false } });
  });

  test('hold a day against takers while it is stored, also when they have expired', async () => {
    const [held] = await claim({ limit: 1 });
    await db.transaction(async (tx) => {
      await holdClaim(tx, held as Claim);
      await expireByOther();
      expect(await claim({ limit: 1 })).toMatchObject([{ businessDay: '2024-03-31' }]);
      await releaseClaim(tx, held as Claim);
    });
    expect(await claim({ limit: 1 })).toMatchObject([{ businessDay: '2024-03-30', token: 2 }]);
  });

  /** The row is locked, so that its time can only pass by itself: ask for it with no time to live. */
  async function expireByOther(): Promise<void> {
    await expect(
      db.transaction(
        (tx) => tx.run('select from ops.claim where dataset = $1 for update', [dataset]),
        {
          lockTimeoutMs: 20,
        },
      ),
    ).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', retryable: true });
  }

  test('a released claim can not be used to store', async () => {
    const [one] = await claim({ limit: 1 });
    await releaseClaims(db, [one as Claim]);
    await expect(db.transaction((tx) => holdClaim(tx, one as Claim))).rejects.toMatchObject({
      code: 'FENCED',
    });
  });

  test('are renewed where they are still ours, and nobody waits for one that is being stored', async () => {
    const claims = await claim({ ttlMs: 1 });
    const [first, second] = claims;
    await expire();
    await claimDays(db, { days: [first as Claim], limit: 1, ttlMs: 1_000, runId: randomUUID() });
    await db.transaction(async (tx) => {
      await holdClaim(tx, second as Claim);
      const kept = await renewClaims(db, claims, 60_000);
      expect(kept.map(({ businessDay }) => businessDay).sort()).toEqual([
        '2024-03-31',
        '2024-04-01',
        '2024-04-02',
      ]);
    });
    const rows = await db.rows(
      z.object({ businessDay: z.string() }),
      `select business_day as "businessDay" from ops.claim
        where dataset = $1 and claimed_until > clock_timestamp() + interval '30 s' order by 1`,
      [dataset],
    );
    expect(rows.map(({ businessDay }) => businessDay)).toEqual(['2024-04-01', '2024-04-02']);
  });
});
