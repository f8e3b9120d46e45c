import { expect, test } from 'vitest';

import { nearestNames, quoteUnknown } from '../src/nearest-names.ts';

const names = [
  'core/atc',
  'core/maxExchanges',
  'core/maxNetPos',
  'nordic/maxExchanges',
  'core/netPos',
];

test.each([
  ['core/maxExchange', ['core/maxExchanges', 'nordic/maxExchanges']],
  ['CORE/NETPOS', ['core/netPos', 'core/maxNetPos']],
  ['core/act', ['core/atc']],
  ['x', []],
  ['', []],
])('the names most like %j come first, and none that is unlike: %j', (unknown, nearest) => {
  expect(nearestNames(unknown, names)).toEqual(nearest);
});

test('names that there are not are quoted with what may have been meant', () => {
  expect(quoteUnknown(['core/act', 'ö'], names)).toBe('"core/act" (did you mean core/atc?), "ö"');
});
