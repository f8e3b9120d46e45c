import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { addDays, businessDayBounds } from '../../src/jao/business-day.ts';
import type { DatasetContract } from '../../src/jao/dataset-contract.ts';
import { findDataset, jaoDatasets } from '../../src/jao/datasets.ts';
import {
  deliveryStarts,
  dueAtMs,
  lastPublishedDay,
  stepMinutes,
} from '../../src/jao/publication-calendar.ts';

function dataset(name: string): DatasetContract {
  const contract = findDataset(name);
  if (contract === undefined) {
    expect.fail(`the catalogue has no ${name}`);
  }
  return contract;
}

const at = (instant: string) => Date.parse(instant);
const datasets = fc.constantFrom(...jaoDatasets);
const instants = fc.integer({ min: Date.UTC(2022, 0, 1), max: Date.UTC(2030, 0, 1) });

describe('deliveryStarts', () => {
  test.each([
    ['core/maxExchanges', '2026-04-20', 24],
    ['core/maxExchanges', '2025-03-30', 23],
    ['core/maxExchanges', '2025-10-26', 25],
    ['core/netPos', '2025-09-30', 24],
    ['core/netPos', '2025-10-01', 96],
    ['core/netPos', '2025-10-26', 100],
    ['core/netPos', '2026-03-29', 92],
  ])('%s has on %s %i delivery periods', (name, day, count) => {
    expect(deliveryStarts(dataset(name), day)).toHaveLength(count);
  });

  test('cover the day without gaps', () => {
    fc.assert(
      fc.property(datasets, fc.nat(3000), (contract, offset) => {
        const day = addDays('2022-06-09', offset);
        const starts = deliveryStarts(contract, day);
        const { startMs, endMs } = businessDayBounds(contract, day);
        const stepMs = stepMinutes(contract, day) * 60_000;
        expect(starts[0]).toBe(startMs);
        expect((starts.at(-1) ?? 0) + stepMs).toBe(endMs);
        expect(starts.every((start, index) => start === startMs + index * stepMs)).toBe(true);
      }),
    );
  });
});

test('a contract without a step that always holds is refused', () => {
  expect(() => stepMinutes({ steps: [] }, '2025-01-01')).toThrow(RangeError);
});

describe('dueAtMs', () => {
  test.each([
    ['core/maxExchanges', '2026-04-20', '2026-04-19T08:30:00Z'],
    ['core/maxExchanges', '2026-01-20', '2026-01-19T09:30:00Z'],
    ['core/maxExchanges', '2025-03-31', '2025-03-30T08:30:00Z'],
    ['core/maxExchanges', '2025-10-27', '2025-10-26T09:30:00Z'],
    ['core/netPos', '2026-04-20', '2026-04-19T13:50:00Z'],
    ['core/congestionIncome', '2026-04-20', '2026-04-19T13:00:00Z'],
    ['coreID/ID3_netPos', '2026-04-20', '2026-04-20T09:00:00Z'],
  ])('%s of %s is due at %s', (name, day, due) => {
    expect(dueAtMs(dataset(name), day)).toBe(at(due));
    expect(dueAtMs(dataset(name), day)).toBe(at(due));
  });
});

describe('lastPublishedDay', () => {
  test.each([
    ['a millisecond before the due time', '2026-04-19T08:29:59.999Z', '2026-04-19'],
    ['at the due time', '2026-04-19T08:30:00.000Z', '2026-04-20'],
    ['late on the day before delivery', '2026-04-19T21:59:59.999Z', '2026-04-20'],
    ['at local midnight', '2026-04-19T22:00:00.000Z', '2026-04-20'],
    ['on the day the clocks change', '2025-10-26T09:29:59.999Z', '2025-10-26'],
  ])('is, %s, the newest day that is due', (_, now, day) => {
    expect(lastPublishedDay(dataset('core/maxExchanges'), at(now))).toBe(day);
  });

  test('has passed its due time, and the day after it has not', () => {
    fc.assert(
      fc.property(datasets, instants, (contract, nowMs) => {
        const day = lastPublishedDay(contract, nowMs);
        expect(dueAtMs(contract, day)).toBeLessThanOrEqual(nowMs);
        expect(dueAtMs(contract, addDays(day, 1))).toBeGreaterThan(nowMs);
      }),
    );
  });
});
