import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';

import { printJson, printTable } from '../../src/output/print-table.ts';
import { fakeContext } from '../fake-context.ts';

test.each([false, true])('rows stand close, under one rule; colours: %s', (hasColor) => {
  const context = fakeContext('w.db', { hasColor });
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
  const context = fakeContext('w.db');
  printTable(context, ['x'], [['a\u001b[31mb\nc\u009b']]);
  expect(context.printed()).toContain('a\\u001b[31mb\\nc\\u009b');
  expect(context.printed()).not.toContain('\u009b');
});

test('JSON is one document, with integers beyond 2^53 as strings', () => {
  const context = fakeContext('w.db');
  printJson(context, { n: 2n ** 63n });
  expect(JSON.parse(context.printed())).toEqual({ n: '9223372036854775808' });
});
