import fc from 'fast-check';
import { expect, test } from 'vitest';

import { mergeAnswers } from '../../src/jao/merge-answers.ts';
import { answer, parse, row, table } from './answers.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const merge = (...bodies: readonly string[]) =>
  new TextDecoder().decode(mergeAnswers(bodies.map(encode)));
const cell = (value: number) => `"border_AT_BE":${value}.0`;

test('two halves are the answer that the whole day has, byte for byte', () => {
  const whole = answer(row(0, cell(1)), row(1, cell(2)), row(2, cell(3)));

  expect(merge(answer(row(0, cell(1))), answer(row(1, cell(2)), row(2, cell(3))))).toBe(whole);
});

test('chunked equals unchunked, wherever a day is cut', () => {
  const rows = Array.from({ length: 24 }, (_, index) => row(index, cell(index)));
  const whole = table(answer(...rows));
  fc.assert(
    fc.property(fc.array(fc.nat(24), { minLength: 1, maxLength: 6 }), (cuts) => {
      const bounds = [0, ...cuts.toSorted((a, b) => a - b), 24];
      const parts = bounds.slice(1).map((to, index) => answer(...rows.slice(bounds[index], to)));
      expect(table(merge(...parts))).toStrictEqual(whole);
    }),
  );
});

test('parts without rows add nothing, not even a comma', () => {
  const empty = '{"data":[ \n ],"rejected":false,"messages":null}';

  expect(merge(empty, answer(row(0, cell(1))), answer())).toBe(answer(row(0, cell(1))));
  expect(merge(empty, empty)).toBe(answer());
});

test('what JSON.parse would hide is still there to be found', () => {
  const odd = '{"dateTimeUtc":"x","border_AT_BE":1e400,"border_AT_BE":9007199254740993}';

  expect(merge(answer(odd), answer())).toBe(answer(odd));
});

test('brackets and quotes in strings end nothing', () => {
  const odd = String.raw`{"note":"a]}\",[{\\"}`;

  expect(merge(`{"data":[${odd}]}`, answer(row(0, cell(1))))).toBe(answer(odd, row(0, cell(1))));
});

test('unknown fields stay, once, and counts of one part go', () => {
  const first = '{"data":[],"totalRows":12,"rejected":false,"new":{"a":[1]},"messages":["x"]}';
  const second = '{"new":2,"totalRowsWithFilter":12,"data":[],"odd\\"name":1}';

  expect(merge(first, second)).toBe(
    '{"data":[],"rejected":false,"messages":null,"new":{"a":[1]},"odd\\"name":1}',
  );
});

test.each([
  ['rejected', '{"data":[],"rejected":true,"messages":["too many"]}', 'rejected'],
  ['a page', '<html>', 'html'],
  ['empty', '', 'empty_body'],
  ['cut', answer(row(0, cell(1))).slice(0, -30), 'not_json'],
  ['with data twice', '{"data":[],"data":[]}', 'schema'],
  ['null', 'null', 'schema'],
])('a day of which a part is %s is refused for that part', (_name, part, outcome) => {
  const good = answer(row(0, cell(1)));
  for (const bodies of [
    [good, part],
    [part, good],
    [good, part, good],
  ]) {
    expect(parse(mergeAnswers(bodies.map(encode)))).toMatchObject({ kind: 'refused', outcome });
  }
});

test('a part that is no UTF-8 is refused', () => {
  const broken = Uint8Array.of(0x22, 0xff, 0x22);

  expect(parse(mergeAnswers([encode(answer()), broken]))).toMatchObject({ outcome: 'not_json' });
});

test('one body is returned as it came, and none is a mistake', () => {
  const body = encode('anything');

  expect(mergeAnswers([body])).toBe(body);
  expect(() => mergeAnswers([])).toThrow(RangeError);
});
