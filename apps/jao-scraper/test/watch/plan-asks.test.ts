import { addDays, daysBetween, dueAtMs, findDataset } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

import type { DayProgress } from '../../src/watch/next-ask.ts';
import { dueAsks, followedDaysOf, planAsks, uncollectedDays } from '../../src/watch/plan-asks.ts';
import type { PlanOptions, PlannedAsk } from '../../src/watch/plan-asks.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const contract = maxExchanges();
const today = '2026-07-01';
const tomorrow = '2026-07-02';
const schedule = {
  pollEveryMs: 30_000,
  pollLeadMs: 15 * minuteMs,
  rechecks: [{ everyMs: hourMs, untilAgeMs: 48 * hourMs }],
};

describe('the days that are followed', () => {
  const follow = (options: Partial<PlanOptions>): readonly string[] =>
    followedDaysOf(contract, {
      schedule,
      nowMs: Date.UTC(2026, 6, 1, 12),
      missedDays: [],
      ...options,
    });

  test('are the past month, and what may be published ahead', () => {
    const days = follow({});
    expect([days.at(0), days.at(-1), days.length]).toEqual(['2026-05-31', '2026-07-03', 34]);
  });

  test('begin with the dataset', () => {
    expect(follow({ nowMs: Date.UTC(2022, 5, 10, 12) }).at(0)).toBe('2022-06-09');
  });

  test('are as many as are re-checked', () => {
    const rechecks = [{ everyMs: hourMs, untilAgeMs: 90 * 24 * hourMs }];
    expect(follow({ schedule: { ...schedule, rechecks } }).at(0)).toBe('2026-04-02');
  });

  test('are those that were missed before, too, each once', () => {
    const days = follow({ missedDays: ['2026-03-02', '2026-04-20', '2026-05-31'] });
    expect(days.slice(0, 4)).toEqual(['2026-03-02', '2026-04-20', '2026-05-31', '2026-06-01']);
    expect(days).toHaveLength(36);
  });
});

describe('the plan', () => {
  const plan = (
    nowMs: number,
    progress: ReadonlyMap<string, DayProgress> = new Map(),
    missedDays: readonly string[] = [],
  ): readonly PlannedAsk[] => planAsks(contract, progress, { schedule, nowMs, missedDays });
  const dueDays = (
    asks: readonly PlannedAsk[],
    nowMs: number,
    isLastLook = false,
  ): readonly string[] => dueAsks(asks, { nowMs, isLastLook }).map(({ day }) => day);

  test('has every day that was never asked for, the newest first, none before its time', () => {
    const nowMs = dueAtMs(contract, tomorrow) - 16 * minuteMs;
    const asks = plan(nowMs);
    const due = dueDays(asks, nowMs);
    expect(due).toHaveLength(32);
    expect(due.slice(0, 3)).toEqual([today, '2026-06-30', '2026-06-29']);
    const later = dueDays(asks, nowMs + minuteMs);
    expect(later.slice(0, 2)).toEqual([tomorrow, today]);
  });

  test('puts a day around its due time first, and revisions behind all that is missing', () => {
    const nowMs = dueAtMs(contract, tomorrow) + minuteMs;
    const progress = new Map([
      [tomorrow, answered(nowMs - minuteMs, false)],
      [today, answered(nowMs - 2 * hourMs, true)],
    ]);
    const due = dueDays(plan(nowMs, progress), nowMs);
    expect(due.slice(0, 2)).toEqual([tomorrow, '2026-06-30']);
    expect(due.at(-1)).toBe(today);
  });

  test('has what was missed before the past month, behind what is newer', () => {
    const nowMs = dueAtMs(contract, tomorrow) - 16 * minuteMs;
    const due = dueDays(plan(nowMs, new Map(), ['2026-03-02', '2026-03-03']), nowMs);
    expect(due).toHaveLength(34);
    expect(due.slice(-3)).toEqual(['2026-05-31', '2026-03-03', '2026-03-02']);
  });

  test('asks at a last look for all that is due and not there, whenever that was asked for last', () => {
    const nowMs = dueAtMs(contract, tomorrow) - 16 * minuteMs;
    const justNow = answered(nowMs - 1_000, false);
    const days = daysBetween('2026-05-31', tomorrow);
    const progress = new Map([
      ...days.map((day): [string, DayProgress] => [day, answered(nowMs - 1_000, true)]),
      [today, { ...justNow, lastAnswerMs: undefined }],
      ['2026-06-30', justNow],
      ['2026-06-29', { ...justNow, isDoubtful: true }],
      // Given up.
      ['2026-06-10', justNow],
    ]);
    const asks = plan(nowMs, progress);
    expect(dueDays(asks, nowMs)).toEqual([]);
    expect(dueDays(asks, nowMs, true)).toEqual([today, '2026-06-30']);
  });
});

test('what is due and was never answered is uncollected, whatever was tried', () => {
  const nowMs = dueAtMs(contract, tomorrow) - minuteMs;
  const progress = new Map([
    [today, answered(nowMs - hourMs, true)],
    [addDays(today, -1), { ...answered(nowMs - hourMs, false), lastAnswerMs: undefined }],
    [addDays(today, -2), answered(dueAtMs(contract, addDays(today, -2)) - minuteMs, false)],
  ]);
  const missedDays = ['2026-03-02'];
  const days = uncollectedDays(contract, progress, { schedule, nowMs, missedDays });
  expect(days).toHaveLength(32);
  expect(days[0]).toBe('2026-03-02');
  expect(days.slice(-2)).toEqual(['2026-06-29', '2026-06-30']);
});

function answered(atMs: number, isFinished: boolean): DayProgress {
  return {
    isFinished,
    isWhole: isFinished,
    isDoubtful: false,
    isToAskAgain: false,
    lastAnswerMs: atMs,
    lastAttemptMs: atMs,
  };
}

function maxExchanges(): DatasetContract {
  const found = findDataset('core/maxExchanges');
  if (found === undefined) {
    throw new RangeError('core/maxExchanges is in the catalogue');
  }
  return found;
}
