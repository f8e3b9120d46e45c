import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';

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

describe('a table that is too wide', () => {
  const long = 'the quick brown fox jumps over the lazy dog';

  test('is wrapped at blanks in its widest column, and nothing is left out', () => {
    const context = testContext();
    printTable(context, ['id', 'text'], [[1, long]], { maxWidth: 35 });
    expect(context.printed().split('\n')).toEqual([
      '┌────┬───────────────────────────┐',
      '│ id │ text                      │',
      '├────┼───────────────────────────┤',
      '│  1 │ the quick brown fox jumps │',
      '│    │ over the lazy dog         │',
      '└────┴───────────────────────────┘',
      '',
    ]);
  });

  test.each([30, 60, 80, 200])('has no line of more than %i characters', (maxWidth) => {
    const context = testContext();
    const word = 'x'.repeat(150);
    printTable(context, ['a', 'b'], [[`${long} ${word}`, `${word} ${long}`]], { maxWidth });
    const lines = context.printed().trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(
      Math.max(maxWidth, 2 * 20 + 7),
    );
    expect(context.printed().replaceAll(/[^x]/g, '')).toHaveLength(300 + 2);
  });

  test('is as wide as it was where it fits', () => {
    const [free, limited] = [testContext(), testContext()];
    printTable(free, ['a'], [[long]]);
    printTable(limited, ['a'], [[long]], { maxWidth: long.length + 4 });
    expect(limited.printed()).toBe(free.printed());
  });
});
