import { describe, expect, test } from 'vitest';

import { FileCalendar } from '../../src/arrivals/index.ts';
import { arrivalPlanSchema } from '../../src/index.ts';

const daily = {
  file: 'votes-{date}.jsonl*',
  every: 'day',
  from: '2021-03-26',
  dueTime: '06:00',
  zone: 'Europe/Amsterdam',
  grace: '2h',
  giveUp: '14d',
};

function calendarOf(plan: object): FileCalendar {
  return new FileCalendar(arrivalPlanSchema.parse({ ...daily, ...plan }));
}

function firstPeriods(plan: object, count: number) {
  const periods = [...calendarOf(plan).periods(Date.parse('2022-06-01'))];
  return periods.slice(0, count);
}

const iso = (ms: number): string => new Date(ms).toISOString();

describe('a plan of arrivals', () => {
  test('expects a file for each day, due the day after, at a local time', () => {
    const periods = firstPeriods({}, 3);
    expect(periods.map(({ name }) => name)).toEqual([
      'votes-2021-03-26.jsonl*',
      'votes-2021-03-27.jsonl*',
      'votes-2021-03-28.jsonl*',
    ]);
    // The clocks went forward in the night before the 28th.
    expect(periods.map(({ dueMs }) => iso(dueMs))).toEqual([
      '2021-03-27T05:00:00.000Z',
      '2021-03-28T04:00:00.000Z',
      '2021-03-29T04:00:00.000Z',
    ]);
    expect(iso(periods[0]?.missingMs ?? 0)).toBe('2021-03-27T07:00:00.000Z');
    expect(iso(periods[0]?.givenUpMs ?? 0)).toBe('2021-04-10T05:00:00.000Z');
  });

  test('expects a file for each week, from the weekday on which the first one begins', () => {
    const [first, second] = firstPeriods({ every: 'week' }, 2);
    expect(first).toMatchObject({ firstDay: '2021-03-26', lastDay: '2021-04-01' });
    expect(second).toMatchObject({ firstDay: '2021-04-02', name: 'votes-2021-04-02.jsonl*' });
  });

  test('expects a file for each month, some days later', () => {
    const plan = {
      every: 'month',
      from: '2021-01-01',
      file: 'votes-{yyyy}{mm}.xml',
      dueDays: 3,
      zone: 'UTC',
    };
    const [, second] = firstPeriods(plan, 2);
    expect(second).toMatchObject({
      firstDay: '2021-02-01',
      lastDay: '2021-02-28',
      name: 'votes-202102.xml',
    });
    expect(iso(second?.dueMs ?? 0)).toBe('2021-03-04T06:00:00.000Z');
  });

  test('ends where it is told to, and tells the days on which no file begins', () => {
    const periods = firstPeriods({ until: '2021-03-28', except: ['2021-03-27'] }, 9);
    expect(periods.map(({ firstDay, isExcepted }) => [firstDay, isExcepted])).toEqual([
      ['2021-03-26', false],
      ['2021-03-27', true],
      ['2021-03-28', false],
    ]);
  });

  test('goes on to the first file that is not due yet', () => {
    const periods = [...calendarOf({}).periods(Date.parse('2021-03-28T12:00:00Z'))];
    expect(periods.map(({ firstDay }) => firstDay)).toEqual([
      '2021-03-26',
      '2021-03-27',
      '2021-03-28',
      '2021-03-29',
    ]);
    expect([...calendarOf({}).periods(Date.parse('2020-01-01'))]).toHaveLength(1);
  });

  test.each([
    ['/in/votes-2021-03-27.jsonl.gz', '2021-03-27'],
    ['votes-2021-03-27.jsonl', '2021-03-27'],
    ['votes-2021-03-25.jsonl', undefined],
    ['votes-2021-02-30.jsonl', undefined],
    ['votes-20210327.jsonl', undefined],
    ['old-votes-2021-03-27.jsonl', undefined],
    ['votes-2021-03-27.xml', undefined],
    ['-', undefined],
  ])('knows %s by its name', (path, firstDay) => {
    expect(calendarOf({}).periodOf(path)?.firstDay).toBe(firstDay);
  });

  test('knows a file of a week or month by any day in it', () => {
    expect(calendarOf({ every: 'week' }).periodOf('votes-2021-04-01.jsonl')?.firstDay).toBe(
      '2021-03-26',
    );
    const monthly = { every: 'month', from: '2021-01-01', until: '2021-02-01' };
    expect(calendarOf(monthly).periodOf('votes-2021-02-28.jsonl')?.firstDay).toBe('2021-02-01');
    expect(calendarOf(monthly).periodOf('votes-2021-03-01.jsonl')).toBeUndefined();
  });

  test('takes the characters of a name as they are, but for * and ?', () => {
    const calendar = calendarOf({ file: 'a+b({date})?.[x]*' });
    expect(calendar.periodOf('a+b(2021-03-27)1.[x]')?.firstDay).toBe('2021-03-27');
    expect(calendar.periodOf('aab(2021-03-27)1.x')).toBeUndefined();
  });

  test('is a calendar of the days that are due', () => {
    const days = calendarOf({ every: 'week', except: ['2021-04-02'] }).days();
    const nowMs = Date.parse('2021-04-16T12:00:00Z');
    const slots = [...days.dueSlotsMs(nowMs)].map((ms) => iso(ms).slice(0, 10));
    expect(slots).toHaveLength(14);
    expect([slots[0], slots[6], slots[7], slots[13]]).toEqual([
      '2021-03-26',
      '2021-04-01',
      '2021-04-09',
      '2021-04-15',
    ]);
    expect(days.newestDueMs(nowMs)).toBe(Date.parse('2021-04-15'));
    expect(days.newestDueMs(Date.parse('2021-01-01'))).toBeUndefined();
  });

  test('has defaults', () => {
    expect(arrivalPlanSchema.parse({ file: 'v-{date}', from: '2021-01-01' })).toEqual({
      file: 'v-{date}',
      every: 'day',
      from: '2021-01-01',
      except: [],
      dueTime: '00:00',
      dueDays: 0,
      zone: 'UTC',
      grace: 0,
      giveUp: 14 * 86_400_000,
    });
  });

  test.each<[object, string]>([
    [{ file: 'votes.jsonl' }, 'must tell the day by {date}'],
    [{ file: 'votes-{yyyy}-{mm}.jsonl' }, 'must tell the day by {date}'],
    [{ file: 'votes-{day}.jsonl' }, '{day} is none of'],
    [{ file: '{date}-{date}.jsonl' }, 'a placeholder twice'],
    [{ file: 'in/votes-{date}.jsonl' }, 'without its folder'],
    [{ every: 'month' }, 'the first day of a month'],
    [{ until: '2020-01-01' }, 'is before'],
    [{ from: '2021-02-30' }, 'a calendar day'],
    [{ dueTime: '24:00' }, 'a time of day'],
    [{ zone: 'Europe/Amsterdm' }, 'a time zone'],
    [{ grace: '2' }, 'a duration such as'],
    [{ evry: 'day' }, 'evry'],
  ])('is refused with %j', (plan, problem) => {
    const parsed = arrivalPlanSchema.safeParse({ ...daily, ...plan });
    expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(problem);
  });
});
