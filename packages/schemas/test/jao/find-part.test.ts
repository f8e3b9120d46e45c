import { describe, expect, test } from 'vitest';

import { countRows, findPart } from '../../src/jao/index.ts';
import { answer, row, table } from './answers.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const odd = answer(
  row(0, '"a":1,"a/b~c":"ä😀"'),
  row(1, `"x" : { "y":[1, 2] },"${'k'.repeat(150)}":true`),
  '[ 7 ]',
);

describe('what stands at a pointer of an answer', () => {
  test.each([
    ['/data/0/a~1b~0c', ['"ä😀"']],
    ['/data/1/x', ['{ "y":[1, 2] }']],
    ['/data/2', ['[ 7 ]']],
    ['/data/2/x', []],
    ['/data/3', []],
    ['/data', []],
    ['', [odd]],
  ])('%j', (pointer, texts) => {
    expect(findPart(encode(odd), pointer)).toEqual(texts);
  });

  test('is what the parser has put aside, of each part', () => {
    const parts = table(odd).quarantined;
    expect(parts).toHaveLength(4);
    for (const { pointer, raw } of parts) {
      expect(findPart(encode(odd), pointer)).toEqual([raw]);
    }
  });

  test('is each of them where names are pointed to alike', () => {
    const body = encode(answer(row(0, '"\\u0001":1,"\\u0002":2')));
    expect(findPart(body, '/data/0/ ')).toEqual(['1', '2']);
  });

  test('is nothing in what is no answer', () => {
    expect(findPart(encode('<html>'), '/data/0')).toEqual([]);
    expect(findPart(Uint8Array.of(0xff), '')).toEqual([]);
  });
});

test('rows are counted', () => {
  expect(countRows(encode(odd))).toBe(3);
  expect(countRows(encode(answer()))).toBe(0);
  expect(countRows(encode('{'))).toBe(0);
});
