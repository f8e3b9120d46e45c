import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createValueOf, nextValue, shareOf, writeValue } from '../src/cell-value.ts';
import { simulatedDatasets } from '../src/dataset.ts';

const hourMs = 3_600_000;
const start = Date.parse('2026-04-20T00:00:00Z');

test.each(simulatedDatasets.map(({ name, shape }) => ({ name, shape })))(
  'each value of $name is what its text parses to, within its range, and never -0',
  ({ name, shape }) => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50_000), fc.nat(20), (key, hour, version) => {
        const value = createValueOf({ seed: 1, dataset: name, key, shape })(
          start + hour * hourMs,
          version,
        );
        expect(JSON.parse(writeValue(value, shape))).toBe(value);
        expect(Math.abs(value)).toBeLessThanOrEqual(Math.max(shape.high, -shape.low));
        expect(nextValue(value, shape)).toBeGreaterThan(value);
        expect(JSON.parse(writeValue(nextValue(value, shape), shape))).toBe(
          nextValue(value, shape),
        );
      }),
    );
  },
);

test('seed, dataset, key, delivery start and version each change the values', () => {
  const shape = { low: 0, high: 1e6, decimals: 0, form: 'int' } as const;
  const base = { seed: 1, dataset: 'a', key: 'k', shape };
  const values = [
    createValueOf(base)(start, 0),
    createValueOf({ ...base, seed: 2 })(start, 0),
    createValueOf({ ...base, dataset: 'b' })(start, 0),
    createValueOf({ ...base, key: 'l' })(start, 0),
    createValueOf(base)(start + hourMs, 0),
    createValueOf(base)(start, 1),
  ];
  expect(new Set(values).size).toBe(values.length);
  expect(createValueOf(base)(start, 0)).toBe(values[0]);
});

test('about one value in a hundred is 0', () => {
  const shape = { low: 100, high: 9000, decimals: 0, form: 'float' } as const;
  const valueOf = createValueOf({ seed: 1, dataset: 'a', key: 'k', shape });
  const zeros = Array.from({ length: 20_000 }, (_, hour) => valueOf(start + hour * hourMs, 0));
  const count = zeros.filter((value) => value === 0).length;
  expect(count).toBeGreaterThan(120);
  expect(count).toBeLessThan(300);
});

test('whole numbers are written in the form of the page', () => {
  expect(writeValue(4346, { low: 0, high: 1, decimals: 0, form: 'float' })).toBe('4346.0');
  expect(writeValue(4346, { low: 0, high: 1, decimals: 0, form: 'int' })).toBe('4346');
  expect(writeValue(0.5, { low: 0, high: 1, decimals: 1, form: 'float' })).toBe('0.5');
});

test('shares are spread evenly', () => {
  const shares = Array.from({ length: 10_000 }, (_, index) => shareOf(7, 'test', index));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  expect(mean).toBeGreaterThan(0.48);
  expect(mean).toBeLessThan(0.52);
  expect(new Set(shares).size).toBeGreaterThan(9_990);
});
