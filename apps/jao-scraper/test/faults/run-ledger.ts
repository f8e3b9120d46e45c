import type { JaoSimulator } from '@sluice/jao-simulator';
import type { Queryable } from '@sluice/warehouse/postgres';
import { expect } from 'vitest';
import { z } from 'zod';

const attemptRow = z.object({
  url: z.string(),
  day: z.string(),
  outcome: z.string(),
  error: z.string().nullable(),
});
const totalsRow = z.object({
  runId: z.string(),
  outcome: z.string(),
  said: z.array(z.number()),
  done: z.array(z.number()),
});
const runRow = z.object({
  processId: z.number(),
  outcome: z.string(),
  error: z.string().nullable(),
});

/** An attempt on record. */
export type LedgerAttempt = z.infer<typeof attemptRow>;
/** A run on record. */
export type LedgerRun = z.infer<typeof runRow>;

/** All attempts, in the order in which they began. */
export async function readAttempts(db: Queryable): Promise<LedgerAttempt[]> {
  return db.rows(
    attemptRow,
    'select url, business_day as day, outcome, error from ops.attempt order by attempt_id',
  );
}

/** All runs, in the order in which they began. */
export async function readRuns(db: Queryable): Promise<LedgerRun[]> {
  return db.rows(
    runRow,
    'select process_id as "processId", outcome, error from ops.run order by started_at, run_id',
  );
}

/**
 * What must be true when nobody works any more: no attempt is called running, and for each request that
 * the service saw there is an attempt; one without a request is of a process that was stopped before it
 * could ask. Nobody holds a day, and no run is called running. The totals of a run are what its attempts
 * have done; of one that was killed, a part of it.
 */
export async function expectAccounted(db: Queryable, simulator: JaoSimulator): Promise<void> {
  const attempts = await readAttempts(db);
  const requests = Map.groupBy(simulator.requests, ({ url }) => `${simulator.url}${url}`);
  const byUrl = Map.groupBy(attempts, ({ url }) => url);
  expect([...requests.keys()].filter((url) => !byUrl.has(url))).toEqual([]);
  for (const [url, ofUrl] of byUrl) {
    const asked = requests.get(url)?.length ?? 0;
    const stopped = ofUrl.filter(({ outcome }) => /^(?:abandoned|cancelled)$/.test(outcome)).length;
    expect(asked, url).toBeLessThanOrEqual(ofUrl.length);
    expect(asked, url).toBeGreaterThanOrEqual(ofUrl.length - stopped);
  }
  expect(attempts.filter(({ outcome }) => outcome === 'running')).toEqual([]);
  expect((await readRuns(db)).filter(({ outcome }) => outcome === 'running')).toEqual([]);
  expect(await readHeldDays(db)).toEqual([]);
  for (const { runId, outcome, said, done } of await readTotals(db)) {
    if (outcome === 'abandoned') {
      expect(
        said.filter((count, index) => count > (done[index] ?? 0)),
        runId,
      ).toEqual([]);
    } else {
      expect(said, runId).toEqual(done);
    }
  }
}

/** What each run says that it has done, and what its attempts have done. */
async function readTotals(db: Queryable): Promise<z.infer<typeof totalsRow>[]> {
  return db.rows(
    totalsRow,
    `select r.run_id as "runId", r.outcome, array[r.accepted, r.unchanged, r.quarantined] as said,
            array[coalesce(sum(a.added + a.revised), 0), coalesce(sum(a.unchanged), 0),
                  coalesce(sum(a.quarantined), 0)]::bigint[] as done
       from ops.run r left join ops.attempt a using (run_id)
      where r.command in ('backfill', 'watch') group by r.run_id`,
  );
}

/** The days that somebody holds, or has left behind. */
export async function readHeldDays(db: Queryable): Promise<string[]> {
  const rows = await db.rows(
    z.object({ day: z.string() }),
    'select business_day as day from ops.claim where claimed_until is not null order by 1',
  );
  return rows.map(({ day }) => day);
}

/** Each day was stored by one attempt, and by no other. */
export async function expectStoredOnce(db: Queryable, days: readonly string[]): Promise<void> {
  const stored = (await readAttempts(db)).filter(({ outcome }) => outcome === 'stored');
  expect(stored.map(({ day }) => day).sort()).toEqual([...days].sort());
}
