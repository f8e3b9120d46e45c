import { faultKinds } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { expectExit } from './app-process.ts';
import { faultOutcomes, keysOfDay, rowsOfDay } from './fault-outcomes.ts';
import { expectAccounted, readAttempts } from './run-ledger.ts';
import { startBackfill, useScenario, withCase } from './scenario.ts';
import type { Case } from './scenario.ts';
import { compareDays, expectTruth } from './stored-series.ts';

const kinds = faultKinds.filter((kind) => kind !== 'http_429_absurd');
/** For the slow faults; the others are not to meet them on a busy machine. */
const env = {
  JAO_HEADERS_TIMEOUT: '4s',
  JAO_RESPONSE_TIMEOUT: '5s',
  JAO_MAX_RESPONSE_BYTES: String(2 ** 20),
};
const evidenceRow = z.object({ day: z.string(), what: z.string() });
const scenario = useScenario();

describe('each fault, on a day of its own', () => {
  test('is never data, has its outcome, and the truth comes after it', async () => {
    await withCase(scenario, { from: '2026-01-05', dayCount: kinds.length }, async (made) => {
      for (const [index, kind] of kinds.entries()) {
        const times = kind === 'redirect_loop' ? Infinity : 1;
        made.simulator.inject({ kind, businessDay: made.days[index], times });
      }
      const args = ['--concurrency', '12'];
      expectExit(await startBackfill(made, { args, env }).ended, exitCodes.fellShort);
      await expectOutcomes(made);
      await expectDifferences(made);
      await expectEvidence(made);
      expect(made.simulator.strayConnections).toBe(0);

      made.simulator.clearFaults();
      expectExit(await startBackfill(made, { args: ['--refetch'] }).ended, exitCodes.done);
      await expectTruth(made.reader, made);
    });
  });

  test('is told to stay away for a year: it does for a quarter of an hour, and stops when asked to', async () => {
    await withCase(scenario, { dayCount: 3 }, async (made) => {
      made.simulator.inject({ kind: 'http_429_absurd' });
      const pace = { JAO_REQUESTS_PER_MINUTE: '6000' };
      const app = startBackfill(made, { args: ['--concurrency', '1'], env: pace });
      await app.until('it was refused', (log) => log.some(({ status }) => status === 429));
      app.kill('SIGTERM');
      expectExit(await app.ended, exitCodes.terminated);
      const { minutes } = await made.owner.row(
        z.object({ minutes: z.number() }),
        'select (extract(epoch from paused_until - clock_timestamp()) / 60)::float8 as minutes from ops.origin',
      );
      expect(minutes).toBeGreaterThan(10);
      expect(minutes).toBeLessThanOrEqual(15);
      expect(made.simulator.requests).toHaveLength(1);
      await made.owner.run('update ops.origin set paused_until = null');
      expectExit(await startBackfill(made, { env: pace }).ended, exitCodes.done);
      await expectTruth(made.reader, made);
      await expectAccounted(made.owner, made.simulator);
    });
  });
});

test('days that are refused for their length are asked for in parts, and stored whole', async () => {
  // Of 24, 25 and 24 hours.
  const options = { from: '2025-10-25', dayCount: 3, maxWindowHours: 12 };
  await withCase(scenario, options, async (made) => {
    expectExit(await startBackfill(made).ended, exitCodes.done);
    await expectTruth(made.reader, made);
    await expectAccounted(made.owner, made.simulator);
    const outcomes = new Set((await readAttempts(made.owner)).map(({ outcome }) => outcome));
    expect(outcomes).toEqual(new Set(['range_refused', 'stored']));
  });
});

async function expectOutcomes({ owner, days }: Case): Promise<void> {
  const byDay = Map.groupBy(await readAttempts(owner), ({ day }) => day);
  const found = kinds.map((kind, index) => {
    const attempts = byDay.get(days[index] ?? '') ?? [];
    const isGivenUp = attempts.length === 1 && attempts[0]?.error !== null;
    return [kind, { outcome: attempts[0]?.outcome, isGivenUp }];
  });
  const expected = kinds.map((kind) => {
    const { outcome, isGivenUp = false } = faultOutcomes[kind];
    return [kind, { outcome, isGivenUp }];
  });
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
}

async function expectDifferences(made: Case): Promise<void> {
  const differences = await compareDays(made.reader, made);
  const found = kinds.map((kind, index) => [kind, differences.get(made.days[index] ?? '')]);
  const expected = kinds.map((kind) => {
    const { isGivenUp, difference } = faultOutcomes[kind];
    const missing = isGivenUp === true ? rowsOfDay * keysOfDay : 0;
    return [kind, { missing, wrong: 0, extra: 0, ...difference }];
  });
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
}

async function expectEvidence({ owner, days }: Case): Promise<void> {
  const quarantined = await owner.rows(
    evidenceRow,
    `select business_day as day, reason || ' ' || pointer as what from ops.quarantine order by 1, 2`,
  );
  const byDay = Map.groupBy(quarantined, ({ day }) => day);
  const drift = await owner.rows(
    z.object({ what: z.string() }),
    `select kind || ' ' || value as what from ops.drift`,
  );
  const seen = new Set(drift.map(({ what }) => what));
  for (const [index, kind] of kinds.entries()) {
    const { quarantine = [], drift: expected = [] } = faultOutcomes[kind];
    const found = byDay.get(days[index] ?? '')?.map(({ what }) => what) ?? [];
    expect({ kind, quarantine: found }).toEqual({ kind, quarantine });
    expect(expected.filter((what) => !seen.has(what))).toEqual([]);
  }
}
