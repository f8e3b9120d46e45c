import { exitCodes } from '@sluice/schemas';
import { addDays, businessDayBounds, daysBetween } from '@sluice/schemas/jao';
import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { expectExit, wordsOf } from './app-process.ts';
import type { AppProcess, LogLine } from './app-process.ts';
import { expectAccounted, readRuns } from './run-ledger.ts';
import { startBackfill, timeoutMs, useScenario } from './scenario.ts';
import { expectSingleVersions, expectTruth } from './stored-series.ts';
import { startWatch, withWatchCase } from './watch-case.ts';
import type { WatchCase } from './watch-case.ts';

/** The promise is a minute; the tests' own machine may be busy. */
const promptMs = 60_000;
const scenario = useScenario();

test(
  'a watcher takes the past month, and then the next day within a minute of its publication',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const watcher = startWatch(made);
      await untilStored(watcher, made.days.slice(0, -1));
      const publishedMs = publish(made, 500);
      await untilStored(watcher, [made.newest]);
      const stored = watcher.log.find(
        ({ businessDay, outcome }) => businessDay === made.newest && outcome === 'stored',
      );
      expect(Date.parse(String(stored?.['time'])) - publishedMs).toBeLessThan(promptMs);

      await expectProbes(watcher);
      watcher.kill('SIGTERM');
      expectExit(await watcher.ended, exitCodes.terminated);
      await expectTruth(made.reader, made);
      await expectSingleVersions(made.owner, made);
      await expectAccounted(made.owner, made.simulator);
    });
  },
  timeoutMs,
);

test(
  'a day that comes half an hour early is stored, and left alone until it is due',
  async () => {
    await withWatchCase(
      scenario,
      async (made) => {
        const watcher = startWatch(made);
        await untilStored(watcher, made.days.slice(0, -1));
        publish(made);
        await untilStored(watcher, [made.newest]);
        const storedMs = Date.now();
        // The loop goes round every five seconds or more often; it asks every second around the due time.
        await expect
          .poll(async () => heartbeatMsOf(await metricsOf(watcher)))
          .toBeGreaterThan(storedMs + 3_000);
        const attempts = attemptsOf(watcher.log).filter(
          ({ businessDay }) => businessDay === made.newest,
        );
        expect(attempts.at(-1)?.['outcome']).toBe('stored');
        watcher.kill('SIGTERM');
        expectExit(await watcher.ended, exitCodes.terminated);
      },
      { dueInMs: 1_800_000 },
    );
  },
  timeoutMs,
);

test.skipIf(spawnSync('promtool', ['--version']).error !== undefined)(
  'promtool finds nothing wrong in the metrics (needs promtool, which Debian has in its package prometheus)',
  async () => {
    await withWatchCase(scenario, async (made) => {
      made.simulator.inject({ kind: 'http_503' });
      const watcher = startWatch(made);
      await untilStored(watcher, made.days.slice(-2, -1));
      const checked = spawnSync('promtool', ['check', 'metrics'], {
        input: await metricsOf(watcher),
        encoding: 'utf8',
      });
      expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' });
    });
  },
  timeoutMs,
);

test(
  'what came while nobody watched is caught up with, revisions included',
  async () => {
    await withWatchCase(scenario, async (made) => {
      expectExit(await startWatch(made, ['--once']).ended, exitCodes.done);
      publish(made);
      const revised = made.days[20] ?? '';
      made.simulator.revise(made.contract.name, revised, { kind: 'value' });
      const republished = made.days[21] ?? '';
      made.simulator.revise(made.contract.name, republished, { kind: 'republish' });
      await age(made, '70 minutes');
      made.simulator.clearRequests();

      const again = startWatch(made, ['--once', '--recheck', '1h:31d']);
      expectExit(await again.ended, exitCodes.done);
      // The newest among the first, of which four go out at once: people wait for it.
      const first = made.simulator.requests.slice(0, 4).map(({ businessDay }) => businessDay);
      expect(first).toContain(made.newest);
      await expectTruth(made.reader, made);
      const ofMonth = attemptsOf(again.log).filter(
        ({ businessDay }) => String(businessDay) >= made.from,
      );
      const outcomes = Map.groupBy(ofMonth, ({ outcome }) => outcome);
      expect(daysOf(outcomes.get('stored'))).toEqual([revised, made.newest]);
      expect(daysOf(outcomes.get('republished'))).toEqual([republished]);
      const others = made.days.filter((day) => ![revised, republished, made.newest].includes(day));
      expect(daysOf(outcomes.get('unchanged'))).toEqual(expect.arrayContaining(others));
      const { revisions } = await made.reader.row(
        z.object({ revisions: z.number() }),
        'select count(*)::int4 as revisions from jao.revision',
      );
      const { startMs, endMs } = businessDayBounds(made.contract, revised);
      const rows = made.simulator.truth(made.contract.name, startMs, endMs);
      expect(revisions).toBe(rows.reduce((sum, { values }) => sum + values.size, 0));
    });
  },
  timeoutMs,
);

test(
  'a gap of months is caught up with, though the first watcher was killed and a day failed at first',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const from = addDays(made.newest, -75);
      expectExit(
        await startBackfill({ ...made, from, to: addDays(from, 1) }).ended,
        exitCodes.done,
      );
      const failing = addDays(from, 20);
      const { name } = made.contract;
      made.simulator.inject({ kind: 'http_503', businessDay: failing, times: Infinity });
      const killed = startWatch(made);
      await killed.untilStored(3);
      killed.kill('SIGKILL');
      await killed.ended;
      await made.owner.run('update ops.lease set leased_until = now()');
      await made.owner.run(
        'update ops.claim set claimed_until = now() where claimed_until is not null',
      );

      const short = await startWatch(made, ['--once']).ended;
      expectExit(short, exitCodes.fellShort);
      expect(wordsOf(short).join('\n')).toContain(`due, and not collected: ${name} ${failing};`);
      made.simulator.clearFaults();
      expectExit(await startWatch(made, ['--once']).ended, exitCodes.done);
      const all = { ...made, from, days: [...daysBetween(from, made.to)] };
      await expectTruth(made.reader, all);
      await expectSingleVersions(made.owner, all);
      await expectAccounted(made.owner, made.simulator);
    });
  },
  timeoutMs,
);

test(
  'of two watchers one asks, and the other goes on when that one is killed',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const first = startWatch(made);
      await untilLeased(first);
      const second = startWatch(made);
      await second.until('it watches', (log) => log.some(({ msg }) => msg === 'watching'));
      await untilStored(first, made.days.slice(0, -1));
      expect(leasesOf(second.log)).toEqual([]);
      const standby = await metricsOf(second);
      expect(standby).toContain('sluice_worker_lease_held{shard="core/maxNetPos"} 0');
      first.kill('SIGKILL');
      await first.ended;
      await made.owner.run('update ops.lease set leased_until = now()');
      await untilLeased(second);
      publish(made);
      await untilStored(second, [made.newest]);
      // Older days than those of the case are followed too, and may be left for the second.
      const both = [first, second].flatMap((each) =>
        daysOf(attemptsOf(each.log).filter(({ outcome }) => outcome === 'stored')),
      );
      expect(both).toEqual([...new Set(both)]);
      second.kill('SIGTERM');
      expectExit(await second.ended, exitCodes.terminated);
      const third = startWatch(made, ['--once']);
      expectExit(await third.ended, exitCodes.done);
      await expectTruth(made.reader, made);
      await expectSingleVersions(made.owner, made);
      await expectAccounted(made.owner, made.simulator);
      const runs = await readRuns(made.owner);
      expect(runs.map(({ outcome }) => outcome)).toEqual(['abandoned', 'succeeded', 'succeeded']);
    });
  },
  timeoutMs,
);

test(
  'a watcher in mid-request stops when it is asked to, and leaves its lease to the next',
  async () => {
    await withWatchCase(scenario, async (made) => {
      made.simulator.inject({ kind: 'hang', times: Infinity });
      const watcher = startWatch(made);
      while (made.simulator.requests.length < 4) {
        await delay(5);
      }
      watcher.kill('SIGTERM');
      const ended = await watcher.ended;
      expectExit(ended, exitCodes.terminated);
      expect(ended.stderr).not.toContain('grace period');
      expect(watcher.log.at(-1)).toMatchObject({
        msg: 'stopped on request',
        signal: 'SIGTERM',
        failed: 0,
        claims: { length: 4 },
        leases: [made.contract.name],
      });
      await expectAccounted(made.owner, made.simulator);

      made.simulator.clearFaults();
      const next = startWatch(made);
      await untilLeased(next);
      await untilStored(next, made.days.slice(0, -1));
      next.kill('SIGTERM');
      expectExit(await next.ended, exitCodes.terminated);
      await expectAccounted(made.owner, made.simulator);
    });
  },
  timeoutMs,
);

/** Lets the newest day come out, and gives when that is. */
function publish({ simulator, contract, newest }: WatchCase, inMs = 0): number {
  const atMs = Date.now() + inMs;
  simulator.postpone(contract.name, newest, atMs);
  return atMs;
}

/** Makes all that was asked for so much older. */
async function age({ owner }: WatchCase, interval: string): Promise<void> {
  await owner.run(
    'update ops.attempt set started_at = started_at - $1::interval, ended_at = ended_at - $1::interval',
    [interval],
  );
}

async function expectProbes(watcher: AppProcess): Promise<void> {
  const url = urlOf(watcher);
  for (const probe of ['livez', 'readyz']) {
    const answer = await fetch(`${url}/${probe}`);
    expect({ probe, status: answer.status, body: await answer.text() }).toEqual({
      probe,
      status: 200,
      body: 'ok\n',
    });
  }
  const metrics = await metricsOf(watcher);
  expect(metrics).toContain('sluice_worker_lease_held{shard="core/maxNetPos"} 1');
  expect(metrics).toMatch(/sluice_revisions_total\{dataset="core\/maxNetPos",kind="added"\} [1-9]/);
  expect(metrics).toMatch(/sluice_log_messages_total\{level="info"\} [1-9]/);
}

async function metricsOf(watcher: AppProcess): Promise<string> {
  return (await fetch(`${urlOf(watcher)}/metrics`)).text();
}

function heartbeatMsOf(metrics: string): number {
  const [, seconds] = /^sluice_worker_heartbeat_timestamp_seconds (\S+)$/m.exec(metrics) ?? [];
  return Number(seconds) * 1_000;
}

function urlOf(watcher: AppProcess): string {
  return String(watcher.log.find(({ msg }) => msg === 'watching')?.['url']);
}

async function untilStored(watcher: AppProcess, days: readonly string[]): Promise<void> {
  await watcher.until(`${days.join(', ')} were stored`, (log) => {
    const stored = new Set(
      log.filter(({ outcome }) => outcome === 'stored').map(({ businessDay }) => businessDay),
    );
    return days.every((day) => stored.has(day));
  });
}

async function untilLeased(watcher: AppProcess): Promise<void> {
  await watcher.until('it took the lease', (log) => leasesOf(log).length > 0);
}

function leasesOf(log: readonly LogLine[]): readonly LogLine[] {
  return log.filter(({ msg }) => msg === 'lease taken');
}

function attemptsOf(log: readonly LogLine[]): readonly LogLine[] {
  return log.filter(({ msg }) => msg.startsWith('attempt'));
}

function daysOf(attempts: readonly LogLine[] | undefined): string[] {
  return (attempts ?? []).map(({ businessDay }) => String(businessDay)).sort();
}
