import { exitCodes } from '@sluice/schemas';
import { backfillReportSchema } from '@sluice/schemas/jao';
import type { BackfillReport } from '@sluice/schemas/jao';
import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';
import { describe, expect, test } from 'vitest';

import { expectExit } from './app-process.ts';
import type { AppProcess } from './app-process.ts';
import { expectAccounted, expectStoredOnce, readAttempts } from './run-ledger.ts';
import { startBackfill, timeoutMs, useScenario, withCase } from './scenario.ts';
import type { Case } from './scenario.ts';
import { expectSingleVersions, expectTruth } from './stored-series.ts';

/** For so long the real pace is tried: a little more than the minute that is looked at. */
const paceMinutes = Number(process.env['SLUICE_TEST_PACE_MINUTES'] ?? '1.2');
const scenario = useScenario();

describe('processes at once on the same days', () => {
  test.each([2, 8])(
    '%i of them do together what one does, and ask for no day twice',
    async (count) => {
      await withCase(scenario, { dayCount: 16, randomFaults: { rate: 0.1 } }, async (made) => {
        const reports = await runTogether(made, count, {});
        for (const { days } of reports.flatMap(({ datasets }) => datasets)) {
          expect(days).toMatchObject({ requested: made.days.length, failed: 0 });
        }
        expect(sumOfStored(reports)).toBe(made.days.length);
        const sound = made.simulator.requests.filter(({ fault }) => fault === undefined);
        expect(sound).toHaveLength(made.days.length);
        await expectWhole(made);
      });
    },
    timeoutMs,
  );

  test(
    'share one pace',
    async () => {
      await withCase(scenario, { from: '2026-04-20', dayCount: 40 }, async (made) => {
        const [perSecond, capacity] = [15, 5];
        await runTogether(made, 3, { JAO_REQUESTS_PER_MINUTE: String(perSecond * 60) });
        const atMs = made.simulator.requests.map((request) => request.atMs);
        for (const seconds of [1, 2]) {
          // Between leave to ask and the request's arrival, a busy machine may take a third of a second.
          const most = capacity + perSecond * (seconds + 1 / 3);
          expect(mostWithin(atMs, seconds * 1_000)).toBeLessThanOrEqual(most);
        }
        await expectWhole(made);
      });
    },
    timeoutMs,
  );

  test(
    'send at most 85 requests in any minute at the pace of 80 (SLUICE_TEST_PACE_MINUTES)',
    async () => {
      const dayCount = Math.round(paceMinutes * 80);
      await withCase(scenario, { from: '2025-06-01', dayCount }, async (made) => {
        await runTogether(made, 8, { JAO_REQUESTS_PER_MINUTE: '80' });
        const most = made.simulator.maxRequestsInAnyMinute();
        process.stdout.write(
          `${made.simulator.requests.length} requests, at most ${most} a minute\n`,
        );
        expect(most).toBeLessThanOrEqual(85);
        await expectWhole(made);
      });
    },
    timeoutMs + paceMinutes * 120_000,
  );

  test(
    'all pause when one of them is told to',
    async () => {
      await withCase(scenario, { dayCount: 14 }, async (made) => {
        const seconds = 3;
        made.simulator.inject({ kind: 'http_429_seconds', seconds, after: 4 });
        await runTogether(made, 2, { JAO_REQUESTS_PER_MINUTE: '300' });
        const refusedMs = made.simulator.requests.find(({ status }) => status === 429)?.atMs ?? 0;
        // What was on its way then arrives within the first second.
        const meanwhile = made.simulator.requests.filter(
          ({ atMs }) => atMs > refusedMs + 1_000 && atMs < refusedMs + seconds * 1_000,
        );
        expect(meanwhile).toEqual([]);
        expect(made.simulator.requests).toHaveLength(made.days.length + 1);
        await expectWhole(made);
      });
    },
    timeoutMs,
  );
});

test(
  'a process that was stopped for longer than its claim lasts writes nothing: the day is the other one’s',
  async () => {
    await withCase(scenario, { dayCount: 1 }, async (made) => {
      const day = made.from;
      const url = made.database.url('worker');
      const proxy = await DatabaseProxy.start(url);
      try {
        const stopped = await startAndStopBeforeItStores(made, proxy);
        made.simulator.revise(made.contract.name, day, { kind: 'value' });
        await made.owner.run('update ops.claim set claimed_until = now()');

        const other = startBackfill(made);
        expectExit(await other.ended, exitCodes.done);
        await expectTruth(made.reader, made);

        stopped.kill('SIGCONT');
        const ended = await stopped.ended;
        expectExit(ended, exitCodes.done);
        expect(reportOf(ended.stdout).datasets[0]?.days).toMatchObject({ skipped: 1, failed: 0 });
      } finally {
        await proxy.stop();
      }
      await expectTruth(made.reader, made);
      await expectSingleVersions(made.owner, made);
      await expectAccounted(made.owner, made.simulator);
      const attempts = await readAttempts(made.owner);
      expect(attempts.map(({ outcome }) => outcome)).toEqual(['fenced', 'stored']);
    });
  },
  timeoutMs,
);

/** Starts a backfill, and stops it when it has its first answer and has not begun to store it. */
async function startAndStopBeforeItStores(made: Case, proxy: DatabaseProxy): Promise<AppProcess> {
  const stopped = Promise.withResolvers<undefined>();
  let hasAsked = false;
  proxy.decide = (piece) => {
    if (hasAsked && piece.includes('begin isolation')) {
      proxy.decide = () => 'pass';
      app.kill('SIGSTOP');
      stopped.resolve(undefined);
    }
    hasAsked ||= piece.includes('insert into ops.attempt');
    return 'pass';
  };
  const app = startBackfill(made, {
    env: { DATABASE_URL: proxy.urlOf(made.database.url('worker')) },
  });
  await Promise.race([stopped.promise, app.ended]);
  expect(made.simulator.requests).toHaveLength(1);
  return app;
}

async function runTogether(
  made: Case,
  count: number,
  env: Readonly<Record<string, string>>,
): Promise<BackfillReport[]> {
  const running = Array.from({ length: count }, () =>
    startBackfill(made, { args: ['--concurrency', '2'], env }),
  );
  const reports: BackfillReport[] = [];
  for (const app of running) {
    const ended = await app.ended;
    expectExit(ended, exitCodes.done);
    reports.push(reportOf(ended.stdout));
  }
  return reports;
}

function reportOf(stdout: string): BackfillReport {
  return backfillReportSchema.parse(JSON.parse(stdout));
}

function sumOfStored(reports: readonly BackfillReport[]): number {
  return reports
    .flatMap(({ datasets }) => datasets)
    .reduce((sum, { days }) => sum + days.stored, 0);
}

function mostWithin(atMs: readonly number[], spanMs: number): number {
  return Math.max(
    ...atMs.map((fromMs) => atMs.filter((ms) => ms >= fromMs && ms < fromMs + spanMs).length),
  );
}

async function expectWhole(made: Case): Promise<void> {
  await expectTruth(made.reader, made);
  await expectSingleVersions(made.owner, made);
  await expectStoredOnce(made.owner, made.days);
  await expectAccounted(made.owner, made.simulator);
}
