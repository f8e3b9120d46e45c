import { expect, test } from 'vitest';

import { printJson } from '../../src/output/print-json.ts';
import { testContext } from '../test-context.ts';

test('JSON is one document, with integers beyond 2^53 as strings', () => {
  const context = testContext();
  printJson(context, { n: 2n ** 63n });
  expect(JSON.parse(context.printed())).toEqual({ n: '9223372036854775808' });
});
