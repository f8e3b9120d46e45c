import { FakeStream, screenOf } from '@sluice/command-line/testing';
import { startJaoSimulator } from '@sluice/jao-simulator';
import type { JaoSimulator } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { backfillReportSchema, businessDayBounds, findDataset } from '@sluice/schemas/jao';
import type { BackfillReport } from '@sluice/schemas/jao';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import type { BackfillCommandOptions } from '../../src/backfill/backfill-command.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { readLog } from '../faults/app-process.ts';
import { createJaoDatabase } from '../store/test-database.ts';

const now = new Date('2026-07-01T12:00:00Z');
const month = { from: '2026-06-09', to: '2026-06-12' } as const;
const cellsOfMonth = 24 * (2 * 132 + 2 * 150);

let simulator: JaoSimulator;
let database: TestDatabase;

beforeEach(async () => {
  simulator = await startJaoSimulator({ nowMs: now.getTime(), jitterMinutes: 0 });
  onTestFinished(() => simulator.close());
  database = await createJaoDatabase();
});

describe('backfill', () => {
  test('stores each day once, and asks for a finished one again only when told to', async () => {
    const first = await backfill(month);
    expect(first.exitCode).toBe(exitCodes.done);
    expect(first.report).toMatchObject({
      outcome: 'succeeded',
      requests: 4,
      retries: 0,
      datasets: [
        {
          region: 'core',
          dataset: 'maxExchanges',
          days: { requested: 4, stored: 4, unchanged: 0, empty: 0, failed: 0, skipped: 0 },
          observations: {
            added: cellsOfMonth,
            revised: 0,
            withdrawn: 0,
            unchanged: 0,
            quarantined: 0,
          },
        },
      ],
    });
    expect(await storedValues()).toEqual(trueValues());

    const second = await backfill(month);
    expect(second.report.datasets[0]?.days).toMatchObject({ requested: 4, skipped: 4 });
    expect(second.report.requests).toBe(0);

    const third = await backfill({ ...month, refetch: true });
    expect(third.report.datasets[0]).toMatchObject({
      days: { unchanged: 4, skipped: 0 },
      observations: { added: 0, unchanged: cellsOfMonth },
    });
  });

  test('says once, and before it asks for anything, that a day can not be there yet', async () => {
    const messages = new FakeStream();
    await expect(
      backfill({ from: '2026-07-10', to: '2026-07-12' }, {}, messages),
    ).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringContaining('--to 2026-07-12: the last published day') as string,
    });
    expect(messages.text).toBe('');
    expect(simulator.requests).toEqual([]);
  });

  test('finds what was revised, and keeps what it was', async () => {
    await backfill(month);
    simulator.revise('core/maxExchanges', '2026-06-10', { kind: 'value', keys: ['border_AT_BE'] });
    const { report } = await backfill({ ...month, refetch: true });
    expect(report.datasets[0]).toMatchObject({
      days: { stored: 1, unchanged: 3 },
      observations: { added: 0, revised: 24 },
    });
    expect(await storedValues()).toEqual(trueValues());
  });

  test('asks for no body that is not newer, where the service dates its answers', async () => {
    simulator.configure({ datesAnswers: true });
    await backfill(month);
    simulator.revise('core/maxExchanges', '2026-06-10', { kind: 'value', keys: ['border_AT_BE'] });
    simulator.clearRequests();
    const { report } = await backfill({ ...month, refetch: true });
    expect(report.datasets[0]).toMatchObject({
      days: { stored: 1, unchanged: 3 },
      observations: { added: 0, revised: 24, unchanged: cellsOfMonth - 24 },
    });
    const asked = simulator.requests.map((each) => [
      each.businessDay,
      each.ifModifiedSince,
      each.status,
    ]);
    expect(asked.sort()).toEqual([
      ['2026-06-09', 'Mon, 08 Jun 2026 08:30:00 GMT', 304],
      ['2026-06-10', 'Tue, 09 Jun 2026 08:30:00 GMT', 200],
      ['2026-06-11', 'Wed, 10 Jun 2026 08:30:00 GMT', 304],
      ['2026-06-12', 'Thu, 11 Jun 2026 08:30:00 GMT', 304],
    ]);
    expect(await storedValues()).toEqual(trueValues());
  });

  test('trusts no date of an answer that was new when it was asked for: more may come in its second', async () => {
    simulator.configure({ datesAnswers: true });
    simulator.clock.set(Date.now());
    const day = { from: '2026-06-10', to: '2026-06-10', refetch: true };
    for (const value of [1, 2, 3]) {
      const keys = ['border_AT_BE'];
      simulator.revise('core/maxExchanges', '2026-06-10', { kind: 'value', keys, value });
      const { report } = await backfill(day);
      expect(report.datasets[0]?.days.stored).toBe(1);
    }
    expect(simulator.requests.map(({ ifModifiedSince }) => ifModifiedSince)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('tells what was there at the first look, long after its publication, from what came later', async () => {
    await backfill(month);
    simulator.revise('core/maxExchanges', '2026-06-10', { kind: 'add_key', keys: ['border_AT_X'] });
    await backfill({ ...month, refetch: true });
    const reader = await openAs(database, 'reader');
    onTestFinished(() => reader.close());
    const vintages = await reader.rows(
      z.object({ is_added: z.boolean(), vintage: z.string(), cells: z.number() }),
      `select key = 'border_AT_X' as is_added, vintage, count(*) as cells
       from jao.latest group by 1, 2 order by 1`,
    );
    expect(vintages).toEqual([
      { is_added: false, vintage: 'backfilled', cells: cellsOfMonth },
      { is_added: true, vintage: 'observed', cells: 24 },
    ]);
  });

  test('says which days could not be fetched, keeps the others, and gets them the next time', async () => {
    simulator.inject({ kind: 'http_404', businessDay: '2026-06-10', times: 1 });
    const { exitCode, report, context } = await backfill(month);
    expect(exitCode).toBe(exitCodes.fellShort);
    expect(report).toMatchObject({
      outcome: 'failed',
      failures: [
        {
          dataset: 'core/maxExchanges',
          businessDay: '2026-06-10',
          outcome: 'http_4xx',
          message: expect.stringContaining(`fetch ${urlOfTenth()}: HTTP 404`) as unknown,
          advice: expect.stringContaining('check --base-url') as unknown,
        },
      ],
    });
    expect(report.datasets[0]?.days).toMatchObject({ requested: 4, stored: 3, failed: 1 });
    expect(context.said()).toContain(
      `core/maxExchanges 2026-06-10: http_4xx: fetch ${urlOfTenth()}: HTTP 404`,
    );
    // It would be 404 again.
    expect(context.said()).not.toContain('run the same backfill');

    const again = await backfill(month);
    expect(again.report.datasets[0]?.days).toMatchObject({ stored: 1, skipped: 3 });
    expect(await storedValues()).toEqual(trueValues());
  });

  test('says of each failed attempt what was asked, and that it asks again', async () => {
    simulator.inject({ kind: 'html_page', businessDay: '2026-06-10', times: 1 });
    const { exitCode, context } = await backfill(month);
    expect(exitCode).toBe(exitCodes.done);
    expect(readLog(context.said()).filter(({ msg }) => msg === 'attempt failed')).toMatchObject([
      {
        outcome: 'html',
        error: expect.stringContaining(`fetch ${urlOfTenth()}: the body is a page`) as unknown,
        advice: 'this run asks again',
      },
    ]);
  });

  test('tries again what may be better the next moment', async () => {
    simulator.inject({ kind: 'http_503', times: 1, businessDay: '2026-06-11' });
    const { exitCode, report } = await backfill(month);
    expect(exitCode).toBe(exitCodes.done);
    expect(report).toMatchObject({ requests: 5, retries: 1 });
  });

  test('finds no cell in a day that is not published, which is not finished by that', async () => {
    simulator.postpone('core/maxExchanges', '2026-06-12', null);
    const { report } = await backfill(month);
    expect(report.datasets[0]?.days).toMatchObject({ stored: 3, empty: 1 });
    simulator.postpone('core/maxExchanges', '2026-06-12', Date.UTC(2026, 5, 11, 9));
    const again = await backfill(month);
    expect(again.report.datasets[0]?.days).toMatchObject({ stored: 1, skipped: 3 });
  });

  test('takes a day in parts where the service refuses its length', async () => {
    simulator.configure({ maxWindowHours: 12 });
    const { report } = await backfill(month);
    expect(report.datasets[0]?.days).toMatchObject({ stored: 4 });
    expect(await storedValues()).toEqual(trueValues());
  });

  test('collects several datasets in one run', async () => {
    const { report } = await backfill({
      ...month,
      dataset: ['core/netPos', 'nordic/maxExchanges'],
    });
    expect(
      report.datasets.map(({ region, dataset, days }) => [region, dataset, days.stored]),
    ).toEqual([
      ['core', 'netPos', 4],
      ['nordic', 'maxExchanges', 4],
    ]);
  });

  test('logs one line per attempt, with the ids of run and attempt', async () => {
    // One after the other, as the first answer of a dataset has no new keys.
    const { report, context } = await backfill(month, { concurrency: '1' });
    const lines = context
      .said()
      .trim()
      .split('\n')
      .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
    const attempts = lines.filter((line) => line['msg'] === 'attempt');
    expect(attempts).toHaveLength(4);
    expect(new Set(attempts.map((line) => line['attemptId'])).size).toBe(4);
    expect(attempts[0]).toMatchObject({ runId: report.runId, outcome: 'stored' });
    const durations = attempts.map((line) => line['durationMs']);
    expect(durations.filter((durationMs) => !Number.isInteger(durationMs))).toEqual([]);
    const drift = lines.filter((line) => line['msg'] === 'drift from the contract');
    expect(drift.filter((line) => line['kind'] === 'new_key')).toHaveLength(18);
  });
});

test('on a terminal a backfill has a bar of days, and above it a line for each attempt', async () => {
  simulator.inject({ kind: 'http_503', times: 1, businessDay: '2026-06-11' });
  const messages = new FakeStream({ isTTY: true });
  const { report, context } = await backfill(month, { concurrency: '1' }, messages);
  expect(report.outcome).toBe('succeeded');
  const said = stripVTControlCharacters(context.said());
  expect(said).toMatch(/0 of 4 days/);
  expect(said).toMatch(/4 of 4 days .* core\/maxExchanges 2026-06-12/);
  const screen = screenOf(context.said());
  expect(screen.filter((line) => line.includes(' of 4 days'))).toEqual([]);
  const attempts = screen.filter((line) => / ms(?:,|$)/.test(line));
  expect(attempts.map((line) => line.replace(/^.*?(?=core)/, ''))).toEqual([
    expect.stringMatching(/^core\/maxExchanges 2026-06-09 stored: 3168 added, \d+ ms$/),
    expect.stringMatching(/^core\/maxExchanges 2026-06-10 stored: 3168 added, \d+ ms$/),
    expect.stringMatching(/^core\/maxExchanges 2026-06-11 http_5xx: \d+ ms, fetch .*: HTTP 503/),
    expect.stringMatching(/^core\/maxExchanges 2026-06-11 stored: 3600 added, \d+ ms$/),
    expect.stringMatching(/^core\/maxExchanges 2026-06-12 stored: 3600 added, \d+ ms$/),
  ]);
});

async function backfill(
  options: Omit<BackfillCommandOptions, 'format'>,
  flags: Readonly<Record<string, string>> = {},
  messages = new FakeStream(),
): Promise<{
  readonly exitCode: number;
  readonly report: BackfillReport;
  readonly context: FakeContext;
}> {
  const context = fakeContext({
    flags: {
      databaseUrl: database.url('worker'),
      baseUrl: simulator.url,
      requestsPerMinute: '0',
      ...flags,
    },
    now: () => now,
    messages,
  });
  const exitCode = await backfillCommand(context, { ...options, format: 'json' });
  return { exitCode, report: backfillReportSchema.parse(JSON.parse(context.printed())), context };
}

function urlOfTenth(): string {
  const window = 'FromUtc=2026-06-09T22:00:00.000Z&ToUtc=2026-06-10T22:00:00.000Z';
  return `${simulator.url}/core/api/data/maxExchanges?${window}`;
}

async function storedValues(): Promise<ReadonlyMap<string, number | null>> {
  const reader = await openAs(database, 'reader');
  try {
    const rows = await reader.rows(
      z.object({ key: z.string(), delivery_start: z.date(), value: z.number().nullable() }),
      `select key, delivery_start, value from jao.latest
       where region = 'core' and dataset = 'maxExchanges' order by delivery_start, key collate "C"`,
    );
    return new Map(
      rows.map((row) => [`${row.delivery_start.toISOString()} ${row.key}`, row.value]),
    );
  } finally {
    await reader.close();
  }
}

function trueValues(): ReadonlyMap<string, number | null> {
  const contract = findDataset('core/maxExchanges');
  if (contract === undefined) {
    throw new RangeError('core/maxExchanges is in the catalogue');
  }
  const { startMs } = businessDayBounds(contract, month.from);
  const { endMs } = businessDayBounds(contract, month.to);
  return new Map(
    simulator
      .truth(contract.name, startMs, endMs)
      .flatMap(({ deliveryStartMs, values }) =>
        [...values]
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map(([key, value]): [string, number | null] => [
            `${new Date(deliveryStartMs).toISOString()} ${key}`,
            value,
          ]),
      ),
  );
}
