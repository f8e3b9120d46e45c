import { expect, test } from 'vitest';

import { completenessOf } from '../src/index.ts';

test.each([
  ['nothing', {}, null, null],
  [
    'what is not expected, unavailable or not due',
    { not_expected: 5, unavailable: 1, not_due: 2 },
    null,
    null,
  ],
  ['all of it', { present: 4, not_due: 2 }, 1, 1],
  ['what the source did not provide', { present: 3, not_provided: 1 }, 0.75, 1],
  ['what nobody collected', { present: 3, not_collected: 1 }, 0.75, 0.75],
  ['what is late', { present: 1, late: 1 }, 0.5, 0.5],
  ['what came and is no data', { present: 1, quarantined: 2, withdrawn: 1 }, 0.25, 1],
])('%s', (_, counts, completeness, collectionRate) => {
  expect(completenessOf(new Map(Object.entries(counts)))).toEqual({ completeness, collectionRate });
});
