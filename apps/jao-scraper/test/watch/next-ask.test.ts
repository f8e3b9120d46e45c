import { dueAtMs, findDataset } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

import { nextAskMs } from '../../src/watch/next-ask.ts';
import type { AskSchedule, DayProgress } from '../../src/watch/next-ask.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const day = '2026-07-02';
const contract = maxExchanges();
const dueMs = dueAtMs(contract, day);
const graceMs = contract.publication.graceMinutes * minuteMs;
const giveUpMs = contract.publication.giveUpHours * hourMs;
const schedule: AskSchedule = {
  pollEveryMs: 30 * secondMs,
  pollLeadMs: hourMs,
  rechecks: [
    { everyMs: hourMs, untilAgeMs: 2 * dayMs },
    { everyMs: dayMs, untilAgeMs: 30 * dayMs },
  ],
};

/** How long after an answer, so long after the due time, a day is asked for again. */
function pauseAfter(ageMs: number, progress: Partial<DayProgress> = {}): number | undefined {
  const lastAttemptMs = dueMs + ageMs;
  const next = nextAskMs(
    contract,
    day,
    {
      isFinished: false,
      isWhole: false,
      isDoubtful: false,
      isToAskAgain: false,
      lastAnswerMs: lastAttemptMs,
      lastAttemptMs,
      ...progress,
    },
    schedule,
  );
  return next === undefined ? undefined : next - lastAttemptMs;
}

const unanswered = {
  isFinished: false,
  isWhole: false,
  isDoubtful: false,
  isToAskAgain: false,
  lastAnswerMs: undefined,
};

describe('a day that is not finished', () => {
  test('is asked for first an hour before it is due, or as long as is wanted, however old it is', () => {
    const first = dueMs - hourMs;
    const never = { ...unanswered, lastAttemptMs: undefined };
    expect(nextAskMs(contract, day, never, schedule)).toBe(first);
    const long = { ...unanswered, lastAttemptMs: dueMs - 5 * hourMs };
    expect(nextAskMs(contract, day, long, schedule)).toBe(first);
    const longLead = { ...schedule, pollLeadMs: 4 * hourMs };
    expect(nextAskMs(contract, day, never, longLead)).toBe(dueMs - 4 * hourMs);
  });

  test.each([
    ['an hour before it is due', -hourMs, 30 * secondMs],
    ['before it is due', -10 * minuteMs, 30 * secondMs],
    ['just before it is due, when it is due', -10 * secondMs, 10 * secondMs],
    ['when it is due', 0, 30 * secondMs],
    ['in its grace', graceMs - 1, 30 * secondMs],
    ['past its grace, still within a minute', graceMs, 50 * secondMs],
    ['until the next day is due, still within a minute', dayMs - 1, 50 * secondMs],
    ['then every five minutes', dayMs, 5 * minuteMs],
    ['every five minutes until three later days are due', 3 * dayMs - 1, 5 * minuteMs],
    ['then every hour', 3 * dayMs, hourMs],
    ['until it is given up', giveUpMs - 1, hourMs],
    ['when it is given up, as if it were finished', giveUpMs, dayMs],
  ])('is asked for again %s', (_, ageMs, pauseMs) => {
    expect(pauseAfter(ageMs)).toBe(pauseMs);
  });

  test.each([
    ['densely around its due time', minuteMs, 30 * secondMs],
    ['within a minute while it is the newest', dayMs - 1, 50 * secondMs],
    ['every five minutes when a later one is due', dayMs, 5 * minuteMs],
    ['and never given up', 100 * dayMs, 5 * minuteMs],
  ])('is asked for again %s where no request was answered', (_, ageMs, pauseMs) => {
    expect(pauseAfter(ageMs, { lastAnswerMs: undefined })).toBe(pauseMs);
  });

  test('that came early, and whole, is asked for again when it is due, and not before', () => {
    expect(pauseAfter(-50 * minuteMs, { isWhole: true })).toBe(50 * minuteMs);
    expect(pauseAfter(-50 * minuteMs, { isWhole: false })).toBe(30 * secondMs);
    expect(pauseAfter(0, { isWhole: true })).toBe(30 * secondMs);
  });

  test('is the newest for 25 hours when clocks go back', () => {
    const longDay = '2026-10-25';
    const longDueMs = dueAtMs(contract, longDay);
    const lastAttemptMs = longDueMs + 25 * hourMs - 1;
    const progress = { ...unanswered, lastAnswerMs: lastAttemptMs, lastAttemptMs };
    expect(nextAskMs(contract, longDay, progress, schedule)).toBe(lastAttemptMs + 50 * secondMs);
  });

  test('is asked for no more often than is wanted', () => {
    const seldom = { ...schedule, pollEveryMs: 10 * minuteMs };
    const lastAttemptMs = dueMs + graceMs;
    const progress = { ...unanswered, lastAnswerMs: lastAttemptMs, lastAttemptMs };
    expect(nextAskMs(contract, day, progress, seldom)).toBe(lastAttemptMs + 10 * minuteMs);
  });

  test('costs 1,944 requests until the next one is due, 576 in two more days, and 96 until it is given up', () => {
    const counts = [0, 0, 0];
    const bounds = [dayMs, 3 * dayMs, giveUpMs].map((ageMs) => dueMs + ageMs);
    let progress: DayProgress = { ...unanswered, lastAttemptMs: undefined };
    for (;;) {
      const askMs = nextAskMs(contract, day, progress, { ...schedule, rechecks: [] });
      const stage = bounds.findIndex((boundMs) => askMs !== undefined && askMs < boundMs);
      if (askMs === undefined || stage === -1) {
        break;
      }
      counts[stage] = (counts[stage] ?? 0) + 1;
      progress = { ...unanswered, lastAnswerMs: askMs, lastAttemptMs: askMs };
    }
    expect(counts).toEqual([1_944, 576, 96]);
  });

  test('is asked for soon after a doubtful answer, however old it is', () => {
    const pauseMs = pauseAfter(20 * dayMs, { isDoubtful: true });
    expect(pauseMs).toBeGreaterThan(5 * minuteMs);
    expect(pauseMs).toBeLessThan(6 * minuteMs);
  });
});

describe('a finished day', () => {
  test.each([
    ['every hour', minuteMs, hourMs],
    ['every hour until two days', 2 * dayMs - hourMs, hourMs],
    ['then every day', 2 * dayMs - hourMs + 1, dayMs],
    ['every day until thirty', 29 * dayMs, dayMs],
    ['and then never', 29 * dayMs + 1, undefined],
  ])('is asked for again %s', (_, ageMs, pauseMs) => {
    expect(pauseAfter(ageMs, { isFinished: true })).toBe(pauseMs);
  });

  test.each([
    ['no later than it would be anyway', 2 * dayMs - hourMs, hourMs],
    ['every hour, where it would be every day', 10 * dayMs, hourMs],
    ['every hour, where it would be never', 40 * dayMs, hourMs],
  ])('some of which is to be asked for again is asked for %s', (_, ageMs, pauseMs) => {
    expect(pauseAfter(ageMs, { isFinished: true, isToAskAgain: true })).toBe(pauseMs);
    expect(pauseAfter(ageMs + giveUpMs, { isToAskAgain: true })).toBe(hourMs);
  });

  test('is left alone where no re-check is wanted', () => {
    const answeredMs = dueMs + minuteMs;
    const progress = {
      isFinished: true,
      isWhole: true,
      isDoubtful: false,
      isToAskAgain: false,
      lastAnswerMs: answeredMs,
      lastAttemptMs: answeredMs,
    };
    expect(nextAskMs(contract, day, progress, { ...schedule, rechecks: [] })).toBeUndefined();
  });
});

function maxExchanges(): DatasetContract {
  const found = findDataset('core/maxExchanges');
  if (found === undefined) {
    throw new RangeError('core/maxExchanges is in the catalogue');
  }
  return found;
}
