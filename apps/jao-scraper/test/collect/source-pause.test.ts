import { FakeStream, screenOf } from '@sluice/command-line/testing';
import { startJaoSimulator } from '@sluice/jao-simulator';
import type { JaoSimulator } from '@sluice/jao-simulator';
import { backfillReportSchema, databaseStatusSchema } from '@sluice/schemas/jao';
import { pauseOrigin } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { SourcePause } from '../../src/collect/source-pause.ts';
import { statusCommand } from '../../src/database/status-command.ts';
import { watchCommand } from '../../src/watch/watch-command.ts';
import { fakeContext } from '../fake-context.ts';
import { readLog } from '../faults/app-process.ts';
import type { LogLine } from '../faults/app-process.ts';
import { openOwnedDatabase } from '../store/use-store.ts';

const origin = 'https://example.org';

function paused() {
  const notices: Readonly<Record<string, unknown>>[] = [];
  const until: number[] = [];
  const pause = new SourcePause({
    origin,
    onNotice: (notice, details) => {
      notices.push({ notice, ...details });
    },
    onPause: (untilMs) => {
      until.push(untilMs);
    },
  });
  return { pause, notices, until };
}

describe('a pause of the source', () => {
  const untilMs = Date.UTC(2026, 6, 1, 12);
  const begun = { untilMs, remainingMs: 600_000 };
  const told = {
    notice: 'the source wants to be left alone',
    origin,
    until: '2026-07-01T12:00:00.000Z',
    seconds: 600,
  };

  test('is told once, however many wait and whatever each was told, and its end once', () => {
    const { pause, notices, until } = paused();
    for (const moreMs of [0, 700, 350, 59_999]) {
      pause.notePause({ untilMs: untilMs + moreMs, remainingMs: 600_000 + moreMs });
    }
    expect(notices).toEqual([told]);
    expect(until).toHaveLength(4);
    const askedMs = performance.now() + 1;
    pause.noteLeave(askedMs);
    pause.noteLeave(askedMs);
    expect(notices).toEqual([
      told,
      { notice: 'the source may be asked again', origin, pausedMs: expect.any(Number) as number },
    ]);
    expect(pause.totalMs).toBeLessThan(600_000);
  });

  test('is told again when it gets longer by a minute', () => {
    const { pause, notices } = paused();
    pause.notePause(begun);
    pause.notePause({ untilMs: untilMs + 60_000, remainingMs: 660_000 });
    expect(notices).toEqual([told, { ...told, until: '2026-07-01T12:01:00.000Z', seconds: 660 }]);
  });

  test('is not ended by leave that was asked for before it began', () => {
    const { pause, notices } = paused();
    const beforeMs = performance.now();
    pause.notePause(begun);
    pause.noteLeave(beforeMs);
    expect(notices).toEqual([told]);
  });

  test('that ended while nobody asked is over when the next one begins, and both count', () => {
    const { pause, notices } = paused();
    pause.notePause({ untilMs: untilMs - 600_000, remainingMs: 0.001 });
    const lengthMs = pause.totalMs;
    pause.notePause(begun);
    expect(notices.map(({ notice }) => notice)).toEqual([
      'the source wants to be left alone',
      'the source may be asked again',
      'the source wants to be left alone',
    ]);
    expect(pause.totalMs).toBeGreaterThan(lengthMs);
  });
});

describe('on a database whose source is paused', () => {
  const now = new Date('2026-07-01T12:00:00Z');
  let simulator: JaoSimulator;
  let database: TestDatabase;
  let owner: PostgresDatabase;

  beforeEach(async () => {
    simulator = await startJaoSimulator({ nowMs: now.getTime(), jitterMinutes: 0 });
    onTestFinished(() => simulator.close());
    ({ database, owner } = await openOwnedDatabase());
  });

  function contextOf(
    signal?: AbortSignal,
    flags: Readonly<Record<string, string>> = {},
    messages = new FakeStream(),
  ) {
    return fakeContext({
      flags: {
        databaseUrl: database.url('worker'),
        baseUrl: simulator.url,
        requestsPerMinute: '6000',
        listen: '127.0.0.1:0',
        ...flags,
      },
      now: () => now,
      messages,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  function noticesOf(said: string): readonly LogLine[] {
    return readLog(said).filter(({ msg }) => msg.startsWith('the source '));
  }

  async function pauseUntil(pauseMs: number): Promise<string> {
    const { untilMs } = await pauseOrigin(owner, simulator.url, pauseMs);
    return new Date(untilMs).toISOString();
  }

  test.each(['backfill', 'watch'] as const)(
    '%s says at once, and once, why it waits and until when, and stops when asked to',
    async (command) => {
      const until = await pauseUntil(900_000);
      const stop = new AbortController();
      const context = contextOf(stop.signal, { concurrency: '4' });
      const dataset = ['core/maxNetPos'];
      const period = { from: '2026-06-01', to: '2026-06-12' };
      const running =
        command === 'backfill'
          ? backfillCommand(context, { dataset, ...period, format: 'json' })
          : watchCommand(context, { dataset });
      await expect.poll(() => noticesOf(context.said())).toHaveLength(1);
      // All that may go out at once wait for their turn by now.
      await expect
        .poll(
          async () =>
            (await owner.query('select from ops.claim where claimed_until is not null')).length,
        )
        .toBeGreaterThan(3);
      stop.abort();
      await running;
      expect(noticesOf(context.said())).toEqual([
        expect.objectContaining({
          level: 'warn',
          msg: 'the source wants to be left alone',
          origin: simulator.url,
          until,
          seconds: expect.toSatisfy((seconds) => Number(seconds) > 800) as number,
        }),
      ]);
      expect(simulator.requests).toEqual([]);
    },
  );

  test('a backfill goes on when the pause is over, and says how long it was', async () => {
    await pauseUntil(400);
    const context = contextOf();
    const day = { from: '2026-06-10', to: '2026-06-10' };
    await backfillCommand(context, { ...day, dataset: ['core/maxNetPos'], format: 'json' });
    const report = backfillReportSchema.parse(JSON.parse(context.printed()));
    expect(report.datasets[0]?.days.stored).toBe(1);
    const [, end, ...more] = noticesOf(context.said());
    expect(more).toEqual([]);
    expect(end).toMatchObject({ msg: 'the source may be asked again', pausedMs: report.pausedMs });
    expect(report.pausedMs).toBeLessThanOrEqual(400);
  });

  test('on a terminal the bar says until when it waits', async () => {
    const until = await pauseUntil(900_000);
    const stop = new AbortController();
    const messages = new FakeStream({ isTTY: true });
    const context = contextOf(stop.signal, { concurrency: '1' }, messages);
    const day = { from: '2026-06-10', to: '2026-06-10' };
    const running = backfillCommand(context, { ...day, format: 'json' });
    await expect
      .poll(() => screenOf(context.said()).at(-1))
      .toMatch(new RegExp(`0 of 1 days .* left {2}waits until ${until.slice(0, 19)}Z$`));
    stop.abort();
    await running;
    expect(screenOf(context.said()).join('\n')).not.toContain(' of 1 days');
  });

  test('a 429 is told by who met it, with what it asked for, and database status names the answer', async () => {
    simulator.inject({ kind: 'http_429_absurd' });
    const stop = new AbortController();
    const context = contextOf(stop.signal, { concurrency: '1' });
    const period = { from: '2026-06-10', to: '2026-06-11' };
    const running = backfillCommand(context, {
      ...period,
      dataset: ['core/maxNetPos'],
      format: 'table',
    });
    await expect.poll(() => noticesOf(context.said())).toHaveLength(1);
    stop.abort();
    await running;
    expect(context.said()).toMatch(/wanted to be left alone for \d+ s of these \d+ s/);

    const [notice] = noticesOf(context.said());
    const status = async (format: 'json' | 'table') => {
      const asOwner = contextOf(undefined, { databaseUrl: database.url('owner') });
      await statusCommand(asOwner, { format });
      return asOwner.printed();
    };
    const { origins } = databaseStatusSchema.parse(JSON.parse(await status('json')));
    expect(origins).toEqual([
      {
        origin: simulator.url,
        requestsPerMinute: 6_000,
        requests: 1,
        pausedUntil: notice?.['until'],
        pausedBy: {
          attemptId: expect.any(Number) as number,
          dataset: 'core/maxNetPos',
          businessDay: '2026-06-10',
          httpStatus: 429,
          retryAfterMs: 900_000,
        },
      },
    ]);
    const table = await status('table');
    expect(table).toContain(notice?.['until']);
    expect(table).toContain('HTTP 429 to core/maxNetPos 2026-06-10: wait 900 s');

    await owner.run('update ops.origin set paused_until = null');
    const free = databaseStatusSchema.parse(JSON.parse(await status('json')));
    expect(free.origins).toMatchObject([{ pausedUntil: null, pausedBy: null }]);
  });
});
