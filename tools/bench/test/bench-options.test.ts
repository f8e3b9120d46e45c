import { describe, expect, test } from 'vitest';

import { parseVotesOptions } from '../src/votes/votes-options.ts';

const caseIds = ['load', 'again', 'help'];

describe('the defaults', () => {
  test('are 5 M rows, 10 M for growth, all cases, three pairs', () => {
    expect(parseVotesOptions({}, caseIds)).toEqual({
      sizes: { rows: 5_000_000, largeRows: 10_000_000, smallRows: 1_000_000 },
      pairs: 3,
      only: undefined,
      keeps: false,
      format: 'table',
    });
  });

  test('of growth follow the rows that are given', () => {
    expect(parseVotesOptions({ rows: '50M' }, caseIds).sizes).toEqual({
      rows: 50_000_000,
      largeRows: 50_000_000,
      smallRows: 5_000_000,
    });
  });
});

test.each([
  ['2000', 2000],
  ['200k', 200_000],
  ['1.5M', 1_500_000],
  ['1G', 1_000_000_000],
])('%s is a count of rows', (text, rows) => {
  const { sizes } = parseVotesOptions({ rows: text, smallRows: text }, caseIds);
  expect(sizes).toEqual({ rows, largeRows: rows, smallRows: rows });
});

test('cases are named in any order, with spaces or without', () => {
  expect(parseVotesOptions({ only: 'help, load' }, caseIds).only).toEqual(['help', 'load']);
});

test.each([
  { flags: { rows: '5 million' }, says: '--rows: expected a count from 10 to 1G' },
  { flags: { rows: '9' }, says: '--rows: expected' },
  { flags: { rows: '2G' }, says: '--rows: expected' },
  { flags: { rows: '10.5' }, says: '--rows: expected' },
  { flags: { smallRows: '-1' }, says: '--small-rows: expected' },
  { flags: { pairs: '0' }, says: '--pairs: expected an integer from 1' },
  { flags: { pairs: '1.5' }, says: '--pairs: expected' },
  { flags: { only: 'load,lode' }, says: "--only: there is no case 'lode'; there are load, again" },
  { flags: { only: '' }, says: '--only: there is no case' },
  { flags: { format: 'csv' }, says: '--format: ' },
])('$flags is refused by name', ({ flags, says }) => {
  expect(() => parseVotesOptions(flags, caseIds)).toThrow(says);
});

test('all wrong flags are named at once', () => {
  expect(() => parseVotesOptions({ rows: 'x', pairs: 'y' }, caseIds)).toThrow(
    /--rows: .*\n--pairs: /,
  );
});
