import { dueAtMs, findDataset } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import { readFileSync } from 'node:fs';
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
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
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

describe('in requests, as the README says,', () => {
  /** When a day is asked for of which every look finds the same. */
  function asks(progress: Partial<DayProgress>): readonly number[] {
    const atMs: number[] = [];
    let known: DayProgress = { ...unanswered, lastAttemptMs: undefined };
    for (;;) {
      const next = nextAskMs(contract, day, known, schedule);
      if (next === undefined) {
        return atMs;
      }
      atMs.push(next);
      known = { ...unanswered, ...progress, lastAnswerMs: next, lastAttemptMs: next };
    }
  }

  const count = (atMs: readonly number[], fromMs: number, untilMs: number): number =>
    atMs.filter((each) => each >= dueMs + fromMs && each < dueMs + untilMs).length;

  test('a day that never comes costs 2,616, of which most until a later one is due', () => {
    const bounds = [-hourMs, graceMs, dayMs, 3 * dayMs, giveUpMs];
    const atMs = asks({});
    const counts = bounds
      .slice(1)
      .map((untilMs, index) => count(atMs, bounds[index] ?? 0, untilMs).toLocaleString('en'));
    expect(counts).toEqual(['360', '1,584', '576', '96']);
    const rows = readme
      .split('\n')
      .filter((line) => /^\| (?:`--poll-lead` \(1 h\)|then) /.test(line));
    expect(rows.map((row) => row.split('|').at(-2)?.trim())).toEqual(counts);
    expect(count(atMs, -hourMs, giveUpMs)).toBe(2_616);
    expect(readme).toContain('costs 2,616 a day in the end');
  });

  test('a day that comes when it is due costs 120 until then, and 76 for its revisions', () => {
    expect(count(asks({}), -hourMs, 0)).toBe(120);
    const revisions = count(asks({ isFinished: true }), 1, Number.POSITIVE_INFINITY);
    expect(revisions).toBe(76);
    expect(readme).toMatch(/about 120 requests a day before they are due, and 76 more/);
  });
});

function maxExchanges(): DatasetContract {
  const found = findDataset('core/maxExchanges');
  if (found === undefined) {
    throw new RangeError('core/maxExchanges is in the catalogue');
  }
  return found;
}
