import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { main } from '../src/run.ts';

test('what is written is one JSON document on a line', () => {
  const stdout = new PassThrough({ encoding: 'utf8' });
  expect(main(stdout)).toBe(0);
  const text = String(stdout.read());
  expect(text.endsWith('\n')).toBe(true);
  expect(JSON.parse(text)).toMatchObject({ Id: '1' });
});
