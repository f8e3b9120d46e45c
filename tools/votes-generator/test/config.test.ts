import { expect, test } from 'vitest';

import { parseConfig, UsageError } from '../src/config.ts';

const flags = { rows: '10', seed: '1', out: '-' };

test.each([
  ['40000', 40_000],
  ['40k', 40_000],
  ['5M', 5_000_000],
  ['1.5M', 1_500_000],
  ['2G', 2_000_000_000],
])('%s rows are %i', (text, rows) => {
  expect(parseConfig({ ...flags, rows: text }).votes.rows).toBe(rows);
});

test.each(['', '-1', '1.5', '5m', '1e6', '5 M', '99999999999G'])("'%s' is no count", (text) => {
  expect(() => parseConfig({ ...flags, rows: text })).toThrow('--rows: expected a count');
});

test.each([
  ['1%', 0.01],
  ['0.5%', 0.005],
  ['0.25', 0.25],
  ['100%', 1],
  ['0', 0],
])('the share %s is %d', (text, share) => {
  expect(parseConfig({ ...flags, duplicates: text }).votes.duplicates).toBe(share);
});

test.each(['101%', '1.5', '-1%', 'all', '', '1 %'])("'%s' is no share", (text) => {
  expect(() => parseConfig({ ...flags, duplicates: text })).toThrow(
    '--duplicates: expected a share',
  );
});

test('a plain share of bad lines is split evenly over all kinds but the megabyte lines', () => {
  const { badLines } = parseConfig({ ...flags, bad: ['8%'] }).votes;
  expect(badLines).not.toHaveProperty('too_long');
  expect(Object.values(badLines ?? {})).toEqual(Array.from({ length: 8 }, () => 0.01));
});

test('shares of single kinds are added to it', () => {
  const { badLines } = parseConfig({ ...flags, bad: ['8%', 'not_json=2%', 'too_long=0.1%'] }).votes;
  expect(badLines).toMatchObject({ not_json: 0.03, too_long: 0.001, wrong_type: 0.01 });
});

test.each(['bad_luck=1%', 'not_json=', 'not_json=1%=2%', 'not_json'])(
  "'%s' is no share of bad lines",
  (text) => {
    expect(() => parseConfig({ ...flags, bad: [text] })).toThrow('--bad: expected');
  },
);

test.each([
  ['65536', 65_536],
  ['64KiB', 65_536],
  ['16MiB', 16_777_216],
])('the size %s is %i bytes', (text, memberBytes) => {
  const config = parseConfig({ ...flags, compress: 'gzip', memberSize: text });
  expect(config).toMatchObject({ compression: 'gzip', memberBytes });
});

test.each([
  { ...flags, memberSize: '1MiB' },
  { ...flags, memberSize: '0', compress: 'gzip' },
])('a member size has to make sense', (wrong) => {
  expect(() => parseConfig(wrong)).toThrow('--member-size');
});

test('all problems are named at once', () => {
  const wrong = { ...flags, rows: 'many', conflicts: 'x', bad: ['y'], firstRow: 'z' };
  expect(() => parseConfig(wrong)).toThrow(UsageError);
  expect(() => parseConfig(wrong)).toThrow(
    /^--rows: .*\n--first-row: .*\n--conflicts: .*\n--bad: .*$/,
  );
});
