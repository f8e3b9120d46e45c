import { dueAtMs, findDataset } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

import { nextAskMs } from '../../src/watch/next-ask.ts';
import type { AskSchedule } from '../../src/watch/next-ask.ts';

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
  rechecks: [
    { everyMs: hourMs, untilAgeMs: 2 * dayMs },
    { everyMs: dayMs, untilAgeMs: 30 * dayMs },
  ],
};

/** When a day is asked for after an attempt so long after its due time, as the time from that attempt. */
function pauseAfter(ageMs: number, isFinished: boolean): number | undefined {
  const lastAttemptMs = dueMs + ageMs;
  const next = nextAskMs(contract, day, { isFinished, lastAttemptMs }, schedule);
  return next === undefined ? undefined : next - lastAttemptMs;
}

describe('a day that is not finished', () => {
  test('is asked for first a quarter of an hour before it is due, however old it is', () => {
    const first = dueMs - 15 * minuteMs;
    const never = { isFinished: false, lastAttemptMs: undefined };
    expect(nextAskMs(contract, day, never, schedule)).toBe(first);
    const long = { isFinished: false, lastAttemptMs: dueMs - 5 * hourMs };
    expect(nextAskMs(contract, day, long, schedule)).toBe(first);
  });

  test.each([
    ['before it is due', -10 * minuteMs, 30 * secondMs],
    ['just before it is due, when it is due', -10 * secondMs, 10 * secondMs],
    ['when it is due', 0, 30 * secondMs],
    ['in its grace', graceMs - 1, 30 * secondMs],
    ['past its grace', graceMs, 5 * minuteMs],
    ['a day later', dayMs, hourMs],
  ])('is asked for again %s', (_, ageMs, pauseMs) => {
    expect(pauseAfter(ageMs, false)).toBe(pauseMs);
  });

  test('is given up when its contract says so', () => {
    expect(pauseAfter(giveUpMs - 1, false)).toBe(hourMs);
    expect(pauseAfter(giveUpMs, false)).toBeUndefined();
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
    expect(pauseAfter(ageMs, true)).toBe(pauseMs);
  });

  test('is left alone where no re-check is wanted', () => {
    const progress = { isFinished: true, lastAttemptMs: dueMs + minuteMs };
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
