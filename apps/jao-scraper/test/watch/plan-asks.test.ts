import { addDays, dueAtMs, findDataset } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

import { dueAsks, followedDaysOf, planAsks } from '../../src/watch/plan-asks.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const contract = maxExchanges();
const today = '2026-07-01';
const tomorrow = '2026-07-02';
const schedule = { pollEveryMs: 30_000, rechecks: [{ everyMs: hourMs, untilAgeMs: 48 * hourMs }] };

describe('the days that are followed', () => {
  test('are the past month, and what may be published ahead', () => {
    const days = followedDaysOf(contract, Date.UTC(2026, 6, 1, 12));
    expect(days.at(0)).toBe('2026-05-31');
    expect(days.at(-1)).toBe('2026-07-03');
    expect(days).toHaveLength(34);
  });

  test('begin with the dataset', () => {
    expect(followedDaysOf(contract, Date.UTC(2022, 5, 10, 12)).at(0)).toBe('2022-06-09');
  });
});

describe('the plan', () => {
  test('has every day that was never asked for, the newest first, none before its time', () => {
    const nowMs = dueAtMs(contract, tomorrow) - 16 * minuteMs;
    const asks = planAsks(contract, new Map(), schedule, nowMs);
    const due = dueAsks(asks, nowMs).map((ask) => ask.day);
    expect(due).toHaveLength(32);
    expect(due.slice(0, 3)).toEqual([today, '2026-06-30', '2026-06-29']);
    const later = dueAsks(asks, nowMs + minuteMs).map((ask) => ask.day);
    expect(later.slice(0, 2)).toEqual([tomorrow, today]);
  });

  test('puts a day around its due time first, and revisions behind all that is missing', () => {
    const nowMs = dueAtMs(contract, tomorrow) + minuteMs;
    const progress = new Map([
      [addDays(today, -10), { isFinished: false, lastAttemptMs: undefined }],
      [tomorrow, { isFinished: false, lastAttemptMs: nowMs - minuteMs }],
      [today, { isFinished: true, lastAttemptMs: nowMs - 2 * hourMs }],
    ]);
    const due = dueAsks(planAsks(contract, progress, schedule, nowMs), nowMs).map((ask) => ask.day);
    expect(due.slice(0, 2)).toEqual([tomorrow, '2026-06-30']);
    expect(due.at(-1)).toBe(today);
  });
});

function maxExchanges(): DatasetContract {
  const found = findDataset('core/maxExchanges');
  if (found === undefined) {
    throw new RangeError('core/maxExchanges is in the catalogue');
  }
  return found;
}
