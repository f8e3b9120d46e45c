import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';

import { printTable } from '../../src/output/print-table.ts';
import { testContext } from '../test-context.ts';

test.each([false, true])('rows stand close, under one rule; colours: %s', (hasColor) => {
  const context = testContext({ hasColor });
  printTable(
    context,
    ['name', 'count'],
    [
      ['a', 1],
      ['├─', 22n],
      [null, 3],
    ],
  );
  expect(stripVTControlCharacters(context.printed()).split('\n')).toEqual([
    '┌──────┬───────┐',
    '│ name │ count │',
    '├──────┼───────┤',
    '│ a    │     1 │',
    '│ ├─   │    22 │',
    '│      │     3 │',
    '└──────┴───────┘',
    '',
  ]);
});

test('control characters out of data do not reach the terminal', () => {
  const context = testContext();
  printTable(context, ['x'], [['a\u001b[31mb\nc\u009b']]);
  expect(context.printed()).toContain('a\\u001b[31mb\\nc\\u009b');
  expect(context.printed()).not.toContain('\u009b');
});
