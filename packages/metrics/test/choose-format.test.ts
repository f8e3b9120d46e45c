import { expect, test } from 'vitest';

import { chooseFormat } from '../src/choose-format.ts';

test.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/html,*/*;q=0.1', 'text'],
  ['application/openmetrics-text', 'openMetrics'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openMetrics'],
  ['application/openmetrics-text;version="1.0.0"', 'openMetrics'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  ['application/openmetrics-text;q=0,*/*', 'text'],
  ['text/plain;q=0.2,application/openmetrics-text;q=0.9', 'openMetrics'],
  ['application/openmetrics-text;q=0.5,text/plain', 'text'],
  ['application/openmetrics-text;q=none', 'text'],
  [
    'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openMetrics',
  ],
])('%s is answered in %s', (accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});
