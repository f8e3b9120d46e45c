import { expect, test } from 'vitest';

import type { CellValue } from '../../src/output/cell-value.ts';
import { printJsonRows } from '../../src/output/print-json-rows.ts';
import { testContext } from '../test-context.ts';

type Batch = readonly (readonly CellValue[])[];

async function jsonOf(names: readonly string[], given: readonly Batch[]): Promise<string> {
  async function* batches(): AsyncGenerator<Batch> {
    for (const batch of given) {
      yield await Promise.resolve(batch);
    }
  }
  const context = testContext();
  await printJsonRows(context, names, batches());
  return context.printed();
}

test('batches make one array, with a line per row', async () => {
  expect(
    await jsonOf(
      ['a', 'b'],
      [
        [[1, 'x']],
        [
          [2, null],
          [3, true],
        ],
      ],
    ),
  ).toBe('[\n{"a":1,"b":"x"},\n{"a":2,"b":null},\n{"a":3,"b":true}\n]\n');
});

test('no rows are an empty array', async () => {
  expect(await jsonOf(['a'], [])).toBe('[]\n');
});

test('batches without rows are nothing', async () => {
  expect(await jsonOf(['a'], [[]])).toBe('[]\n');
  expect(await jsonOf(['a'], [[], [[1]], [], [[2]], []])).toBe('[\n{"a":1},\n{"a":2}\n]\n');
});

test('integers beyond 2^53 are strings, also inside a value', async () => {
  expect(JSON.parse(await jsonOf(['a'], [[[2n ** 63n]], [[[1n]]]]))).toEqual([
    { a: '9223372036854775808' },
    { a: ['1'] },
  ]);
});

test('a column may have any name', async () => {
  expect(await jsonOf(['__proto__', ''], [[[1, 2]]])).toBe('[\n{"__proto__":1,"":2}\n]\n');
});
