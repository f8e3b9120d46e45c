import { expect, test } from 'vitest';

import { onceForEqual } from '../../src/collectors/once-for-equal.ts';

test('makes a result once for equal inputs, and anew for another one', () => {
  const made: number[][] = [];
  const make = onceForEqual((input: readonly number[]) => {
    made.push([...input]);
    return { sum: input.reduce((sum, each) => sum + each, 0) };
  });
  const first = make([1, 2]);
  expect(make([1, 2])).toBe(first);
  expect(make([1, 3])).toEqual({ sum: 4 });
  expect(make([1, 2])).not.toBe(first);
  expect(made).toEqual([
    [1, 2],
    [1, 3],
    [1, 2],
  ]);
});

test('remembers nothing of an input that can not be made anything of', () => {
  const make = onceForEqual((input: string): unknown => JSON.parse(input));
  expect(() => make('[')).toThrow(SyntaxError);
  expect(() => make('[')).toThrow(SyntaxError);
  expect(make('[]')).toEqual([]);
});
