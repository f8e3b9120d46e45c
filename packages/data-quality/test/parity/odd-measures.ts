import type { Measure } from '@sluice/schemas/expectations';

import { oddColumns } from './odd-table.ts';
import { names, ofType } from './odd-names.ts';
import type { Name } from './odd-names.ts';
import type { RandomSource } from './random-source.ts';

/** A random measure of the odd table. */
export function randomMeasure(random: RandomSource): Measure {
  const of = random.pick([
    'row_count',
    'min',
    'max',
    'median',
    'quantile',
    'sum',
    'mean',
    'stdev',
    'distinct_count',
    'distinct_ratio',
    'completeness',
    'entropy',
  ] as const);
  const ordered = ofType(
    random,
    random.pick(['integer', 'double', 'date', 'timestamp', 'instant']),
  );
  switch (of) {
    case 'row_count':
      return { of };
    case 'min':
    case 'max':
    case 'median':
      return { of, column: ordered };
    case 'quantile':
      return { of, column: ordered, fraction: random.pick([0.07, 0.1, 0.25, 0.3, 0.9, 1]) };
    case 'sum':
    case 'mean':
    case 'stdev':
      return { of, column: ofType(random, random.pick(['integer', 'double'])) };
    default:
      return { of, column: random.pick(names) };
  }
}

/** Bounds that a measure can be compared with. */
export function bounds(random: RandomSource, measure: Measure) {
  const isTime =
    'column' in measure &&
    ['min', 'max', 'median', 'quantile'].includes(measure.of) &&
    /^(?:date|timestamp|instant)$/.test(oddColumns[measure.column as Name]); // one of the table's
  if (isTime) {
    return { min: '2024-01-01', max: '2024-03-30T12:00:00' };
  }
  return random.pick([{ min: 1 }, { max: 10n ** 18n }, { min: -0.5, max: 0.75 }]);
}
