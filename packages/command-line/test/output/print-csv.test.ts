import { expect, test } from 'vitest';

import type { CellValue } from '../../src/output/cell-value.ts';
import { printCsv } from '../../src/output/print-csv.ts';
import type { CsvColumn } from '../../src/output/print-csv.ts';
import { testContext } from '../test-context.ts';

async function csvOf(
  columns: readonly CsvColumn[],
  batches: readonly (readonly (readonly CellValue[])[])[],
): Promise<string> {
  const context = testContext();
  await printCsv(context, columns, batches);
  return context.printed();
}

test.each<[string, CellValue]>([
  ["'=1+1", '=1+1'],
  ["'+1", '+1'],
  ["'-1", '-1'],
  ["'@SUM(A1)", '@SUM(A1)'],
  ["'\tx", '\tx'],
  ['"\'\rx"', '\rx'],
  ['"\'=a,b"', '=a,b'],
  ['a=1', 'a=1'],
  ['"say ""hi"", twice"', 'say "hi", twice'],
  ['"two\nlines"', 'two\nlines'],
  ['""', ''],
  ['', null],
  ['-1', -1],
  ['-9007199254740993', -9_007_199_254_740_993n],
  ['true', true],
  ['false', false],
  ['"[""a"",""1""]"', ['a', 1n]],
  ['"{""a"":null}"', { a: null }],
])('a cell is written as %s', async (text, cell) => {
  expect(await csvOf([{ name: 'x' }, { name: 'y' }], [[[cell, 1]]])).toBe(`x,y\n${text},1\n`);
});

test('the text of a number that no double holds is no formula', async () => {
  const cell = '-12345678901234567.89';
  expect(await csvOf([{ name: 'x', isNumeric: true }], [[[cell]]])).toBe(`x\n${cell}\n`);
});

test('a head that looks like a formula is made harmless too', async () => {
  expect(await csvOf([{ name: '=1+1', isNumeric: true }], [])).toBe("'=1+1\n");
});

test('batches make one document', async () => {
  expect(await csvOf([{ name: 'x' }], [[[1], [2]], [], [[3]]])).toBe('x\n1\n2\n3\n');
});
