import { expect, test } from 'vitest';

import { engineVersion } from '../src/engine-version.ts';

test('the engine tells its own version', () => {
  expect(engineVersion()).toMatch(/^v\d+\.\d+\.\d+/);
});
