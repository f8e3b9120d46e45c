import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { main } from '../src/run.ts';

test('a run without arguments says its name and ends with 0', () => {
  const stdout = new PassThrough({ encoding: 'utf8' });
  expect(main([], stdout)).toBe(0);
  expect(stdout.read()).toMatch(/^votes-ingest /);
});
