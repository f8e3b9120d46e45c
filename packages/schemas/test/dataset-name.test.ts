import { expect, test } from 'vitest';

import { datasetName } from '../src/dataset-name.ts';

test.each([
  { name: 'votes', isValid: true },
  { name: 'core/maxExchanges', isValid: true },
  { name: 'core/', isValid: false },
  { name: 'Votes', isValid: false },
  { name: '', isValid: false },
])('the dataset name "$name" is valid: $isValid', ({ name, isValid }) => {
  expect(datasetName.safeParse(name).success).toBe(isValid);
});
