import { exitCodes } from '@sluice/schemas';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';

import { readDecider, readDecisionReason, refuseCsv, refuseUndecidable } from '../src/decision.ts';

test('who decides is named, or the user of the operating system', () => {
  expect(readDecider(' anna ')).toBe('anna');
  expect(readDecider(undefined)).toBe(userInfo().username);
});

test('a reason has to be given', () => {
  expect(readDecisionReason(' a test record\n')).toBe('a test record');
  expect(() => readDecisionReason(undefined)).toThrow(/--reason is missing/);
});

test.each([
  ['an empty name', () => readDecider(' '), /--by: it is empty/],
  ['a name of a megabyte', () => readDecider('x'.repeat(2 ** 20)), /1048576 characters, over 200/],
  ['an empty reason', () => readDecisionReason(''), /--reason: it is empty/],
  ['a reason with NUL', () => readDecisionReason('a\0b'), /--reason: it has a NUL character/],
  [
    'CSV',
    () => {
      refuseCsv('csv');
    },
    /--format csv: a decision prints a table, or json/,
  ],
])('%s is wrong usage', (_, read, message) => {
  expect(read).toThrow(expect.objectContaining({ exitCode: exitCodes.usage }));
  expect(read).toThrow(message);
});

test.each([1, 10, 12])('of %d problems the first ten are named', (count) => {
  const problems = Array.from({ length: count }, (_, index) => `there is no entry ${index + 1}`);
  const named = problems.slice(0, 10).join('; ');
  const more = count > 10 ? '; and 2 more' : '';
  const refuse = (): void => {
    refuseUndecidable(problems, { verdict: 'released' });
  };
  expect(refuse).toThrow(`${named}${more}. Nothing was released`);
  expect(refuse).toThrow(expect.objectContaining({ exitCode: exitCodes.failed }));
});

test('what names an entry that there is not is wrong usage', () => {
  const refuse = (): void => {
    refuseUndecidable(['there is no entry 1'], { verdict: 'released', isUsage: true });
  };
  expect(refuse).toThrow(expect.objectContaining({ exitCode: exitCodes.usage }));
});

test('without a problem nothing is refused', () => {
  refuseUndecidable([], { verdict: 'discarded' });
  refuseCsv('table');
});
