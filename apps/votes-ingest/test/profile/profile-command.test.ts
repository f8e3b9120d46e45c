import { profileReportSchema } from '@sluice/schemas';
import type { ProfileReport } from '@sluice/schemas';
import { expect, test } from 'vitest';

import { profileCommand } from '../../src/profile/profile-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse } from '../loaded-warehouse.ts';
import { walkDays } from '../outliers/walk-days.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

type GivenVote = readonly [id: number, day: string, voteTypeId: number];

async function withVotes(
  votes: readonly GivenVote[],
  use: (path: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const warehouse = new LoadedWarehouse(folder);
    const lines = votes.map(([Id, day, VoteTypeId]) =>
      JSON.stringify({ Id, PostId: 1, VoteTypeId, CreationDate: `${day}T00:00:00.000` }),
    );
    await warehouse.load('votes.jsonl', lines);
    await use(warehouse.path);
  });
}

async function profile(path: string): Promise<ProfileReport> {
  const context = fakeContext(path);
  expect(await profileCommand(context, { format: 'json' })).toBe(0);
  return profileReportSchema.parse(JSON.parse(context.printed()));
}

test('weeks, days and the gaps between them are told', async () => {
  const votes: GivenVote[] = [
    [1, '2020-12-20', 2],
    [2, '2020-12-21', 2],
    [3, '2021-01-01', 3],
    [4, '2021-01-25', 2],
    [5, '2021-01-25', 2],
  ];
  await withVotes(votes, async (path) => {
    const { rows, days, weeks } = await profile(path);
    expect(rows).toBe(5);
    expect(days).toEqual({ first: '2020-12-20', last: '2021-01-25', observed: 4, missing: 33 });
    expect(weeks).toEqual({
      first: { year: 2020, week: 50 },
      last: { year: 2021, week: 4 },
      observed: 4,
      missing: [
        { first: { year: 2020, week: 52 }, last: { year: 2020, week: 52 }, weeks: 1 },
        { first: { year: 2021, week: 1 }, last: { year: 2021, week: 3 }, weeks: 3 },
      ],
    });
  });
});

test('over many years the gaps are the weeks that a walk over the days finds empty', async () => {
  const walked = [...walkDays(1999, 2024)];
  const votes = walked
    .filter((_, index) => index % 97 === 5 || (index > 2000 && index < 2100))
    .map(({ day }, index): GivenVote => [index + 1, day, 2]);
  const observedDays = new Set(votes.map(([, day]) => day));
  const first = walked.findIndex(({ day }) => observedDays.has(day));
  const last = walked.findLastIndex(({ day }) => observedDays.has(day));
  const weeks = new Map<string, boolean>();
  for (const { day, year, week } of walked.slice(first, last + 1)) {
    const key = `${year} ${week}`;
    weeks.set(key, observedDays.has(day) || (weeks.get(key) ?? false));
  }
  const gaps: string[][] = [];
  let isOpen = false;
  for (const [key, isObserved] of weeks) {
    if (isObserved) {
      isOpen = false;
    } else if (isOpen) {
      gaps.at(-1)?.push(key);
    } else {
      gaps.push([key]);
      isOpen = true;
    }
  }
  await withVotes(votes, async (path) => {
    const report = await profile(path);
    expect(
      report.weeks.missing.map((gap) => [
        `${gap.first.year} ${gap.first.week}`,
        `${gap.last.year} ${gap.last.week}`,
        gap.weeks,
      ]),
    ).toEqual(gaps.map((keys) => [keys.at(0), keys.at(-1), keys.length]));
    expect(report.weeks.observed).toBe([...weeks.values()].filter(Boolean).length);
  });
});

test('columns are summarised, and vote types counted, unknown ones without a name', async () => {
  const votes: GivenVote[] = [
    [1, '2021-01-01', 2],
    [2, '2021-01-02', 2],
    [9_007_199_254_740_991, '2021-01-03', 77],
  ];
  await withVotes(votes, async (path) => {
    const { columns, voteTypes } = await profile(path);
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'Id BIGINT',
      'PostId BIGINT',
      'VoteTypeId SMALLINT',
      'UserId BIGINT',
      'CreationDate TIMESTAMP',
      'BountyAmount INTEGER',
      'FileId INTEGER',
    ]);
    expect(columns[0]).toMatchObject({ min: '1', max: '9007199254740991', nullPercentage: 0 });
    expect(columns[3]).toMatchObject({ min: null, max: null, nullPercentage: 100 });
    expect(voteTypes).toEqual([
      { id: 2, name: 'UpMod', votes: 2 },
      { id: 77, name: null, votes: 1 },
    ]);
  });
});

test('an empty table has an empty profile', async () => {
  await withVotes([], async (path) => {
    expect(await profile(path)).toMatchObject({
      rows: 0,
      days: { first: null, last: null, observed: 0, missing: 0 },
      weeks: { first: null, last: null, observed: 0, missing: [] },
      voteTypes: [],
    });
    const context = fakeContext(path);
    await profileCommand(context, { format: 'table' });
    expect(context.printed()).toContain('0 votes');
  });
});

test('the table marks what is unknown, and shows the gaps', async () => {
  const votes: GivenVote[] = [
    [1, '2021-01-04', 2],
    [2, '2021-01-18', 77],
  ];
  await withVotes(votes, async (path) => {
    const context = fakeContext(path);
    await profileCommand(context, { format: 'table' });
    expect(context.printed()).toMatch(/77 │ \(unknown\) │ +1 │/);
    expect(context.printed()).toMatch(/│ 2021-W02 │ 2021-W02 │ +1 │/);
  });
});
