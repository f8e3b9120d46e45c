import { expect, test } from 'vitest';

import type { StepMinutes } from '../../src/jao/dataset-contract.ts';
import { findDataset } from '../../src/jao/datasets.ts';
import { deliveryStarts } from '../../src/jao/publication-calendar.ts';
import { stepOfStarts } from '../../src/jao/seen-step.ts';

const day = '2026-01-10';

function contractOf(name: string) {
  const contract = findDataset(name);
  if (contract === undefined) {
    throw new RangeError(`the catalogue has no ${name}`);
  }
  return contract;
}

const documented = contractOf('core/maxExchanges');
/** Hours are expected. */
const hourly = contractOf('coreID/IDCCA_maxExchanges');
/** Quarters of an hour are expected. */
const quarterly = contractOf('nordic/maxExchanges');

const starts = (minutes: StepMinutes, on = day): readonly number[] =>
  deliveryStarts(documented, on, minutes);

test.each([
  ['none', [], 60, 15],
  ['every hour', starts(60), 60, 60],
  ['every quarter', starts(15), 15, 15],
  ['more than half of the hours', starts(60).slice(0, 13), 60, 60],
  ['half of the hours', starts(60).slice(0, 12), 60, 15],
  ['the first three quarters', starts(15).slice(0, 3), 15, 15],
  ['the first two quarters', starts(15).slice(0, 2), 60, 15],
  ['every hour and a quarter more', [...starts(60), ...starts(15).slice(1, 2)], 60, 15],
  ['every quarter but one on the hour', starts(15).slice(1), 15, 15],
] as const)('of %s the step is', (_, given, ofHourly, ofQuarterly) => {
  expect([
    stepOfStarts(documented, day, given),
    stepOfStarts(hourly, day, given),
    stepOfStarts(quarterly, day, given),
  ]).toEqual([60, ofHourly, ofQuarterly]);
});

test.each([
  ['2026-03-29', 12, 60],
  ['2026-03-29', 11, 15],
  ['2025-10-26', 13, 60],
  ['2025-10-26', 12, 15],
] as const)('on %s, %i hours are %i minutes where quarters are expected', (on, hours, minutes) => {
  expect(stepOfStarts(quarterly, on, starts(60, on).slice(0, hours))).toBe(minutes);
});
