import { startJaoSimulator } from '@sluice/jao-simulator';
import type { FaultKind, JaoSimulator } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { addDays, backfillReportSchema, daysBetween } from '@sluice/schemas/jao';
import type { BackfillReport } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { openOwnedDatabase } from '../store/use-store.ts';

const now = new Date('2026-07-01T12:00:00Z');
const dataset = 'core/maxNetPos';
/** Of a day of the dataset: 28 keys, 24 hours. */
const keys = 28;
const cellsOfDay = 24 * keys;
const from = '2026-06-01';

let simulator: JaoSimulator;
let database: TestDatabase;
let owner: PostgresDatabase;

beforeEach(async () => {
  simulator = await startJaoSimulator({ nowMs: now.getTime(), jitterMinutes: 0 });
  onTestFinished(() => simulator.close());
  ({ database, owner } = await openOwnedDatabase());
});

async function backfill(
  to: string,
  { refetch = false, signal }: { readonly refetch?: boolean; readonly signal?: AbortSignal } = {},
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
      concurrency: '1',
    },
    now: () => now,
    ...(signal === undefined ? {} : { signal }),
  });
  const exitCode = await backfillCommand(context, {
    dataset: [dataset],
    from,
    to,
    refetch,
    format: 'json',
  });
  return { exitCode, report: backfillReportSchema.parse(JSON.parse(context.printed())), context };
}

const ledgerRow = z.object({
  outcome: z.string(),
  error: z.string().nullable(),
  read: z.number(),
  accepted: z.number(),
  duplicate: z.number(),
  conflicting: z.number(),
  quarantined: z.number(),
  refused: z.number(),
  unchanged: z.number(),
});

/** The newest run, and the sums of its attempts. */
async function readLedger() {
  const run = await owner.row(
    ledgerRow,
    `select outcome, error, read, accepted, duplicate, conflicting, quarantined, refused, unchanged
     from ops.run order by started_at desc limit 1`,
  );
  const attempts = await owner.row(
    ledgerRow.pick({
      read: true,
      accepted: true,
      duplicate: true,
      quarantined: true,
      unchanged: true,
    }),
    `select sum(read)::int as read, sum(added + revised)::int as accepted, sum(duplicate)::int as duplicate,
       sum(quarantined)::int as quarantined, sum(unchanged)::int as unchanged
     from ops.attempt
     where run_id = (select run_id from ops.run order by started_at desc limit 1)`,
  );
  return { run, attempts };
}

const oddities: readonly (readonly [FaultKind, string])[] = [
  ['rows_foreign', '2 rows in quarantine: foreign_row 2'],
  ['bad_timestamp', '1 row in quarantine: bad_timestamp 1'],
  ['duplicate_rows_different', '2 rows in quarantine: conflicting_rows 2'],
  ['drift_decimal_comma', '1 cell in quarantine: not_a_number 1'],
];

describe('a backfill of answers that break their contract in part', () => {
  test('counts every cell, tells the reasons, exits with 0, and says the same again', async () => {
    const days = daysBetween(from, addDays(from, oddities.length));
    for (const [index, [kind]] of oddities.entries()) {
      simulator.inject({ kind, businessDay: days[index], times: 2 });
    }
    simulator.inject({ kind: 'duplicate_rows_same', businessDay: days.at(-1), times: 2 });
    const to = days.at(-1) ?? from;

    const first = await backfill(to);
    expect(first.exitCode).toBe(exitCodes.done);
    expect(first.report.notes).toEqual(
      oddities.map(([, message], index) => ({ dataset, businessDay: days[index], message })),
    );
    for (const [index, [, message]] of oddities.entries()) {
      expect(first.context.said()).toContain(`${dataset} ${days[index] ?? ''}: ${message}`);
    }
    // Two rows of other days, one without a time, two that differ, and a cell.
    const quarantined = 2 * keys + keys + 2 * keys + 1;
    expect(first.report.datasets[0]).toMatchObject({
      days: { stored: 5, failed: 0 },
      observations: { quarantined },
    });
    const { run, attempts } = await readLedger();
    expect(run).toMatchObject({ outcome: 'succeeded', quarantined, conflicting: 0, refused: 0 });
    expect(run.duplicate).toBeGreaterThanOrEqual(keys);
    expect(run).toMatchObject(attempts);
    expect(run.read).toBe(5 * cellsOfDay + 2 * keys + keys + run.duplicate);
    expect(
      await owner.query(
        'select state, count(*) as days from jao.day group by state order by state',
      ),
    ).toEqual([
      { state: 'complete', days: 1 },
      { state: 'quarantined', days: 4 },
    ]);

    const again = await backfill(to, { refetch: true });
    expect(again.report.datasets[0]).toMatchObject({
      days: { unchanged: 5 },
      observations: { quarantined, unchanged: run.accepted },
    });
    const second = await readLedger();
    expect(second.run).toMatchObject({ ...second.attempts, quarantined, read: run.read });
  });
});

describe('a backfill that is stopped', () => {
  test('counts what it came to an end with, and calls nothing failed that was not asked for', async () => {
    const to = addDays(from, 19);
    simulator.inject({ kind: 'hang', businessDay: addDays(from, 2) });
    const stop = new AbortController();
    const stopped = backfill(to, { signal: stop.signal });
    while (simulator.requests.length < 3) {
      await delay(5);
    }
    stop.abort();
    const { report, context } = await stopped;
    expect(report).toMatchObject({
      outcome: 'failed',
      datasets: [{ days: { requested: 2, stored: 2, failed: 0 } }],
      notes: [{ dataset, message: 'stopped on request, before it came to 18 days' }],
    });
    expect(report.failures).toBeUndefined();
    expect(context.said()).toContain(`${dataset}: stopped on request, before it came to 18 days`);
    expect((await readLedger()).run).toMatchObject({
      outcome: 'failed',
      error: 'stopped on request, before it came to 18 days',
      read: 2 * cellsOfDay,
    });
  });
});
