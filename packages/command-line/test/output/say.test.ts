import { expect, test } from 'vitest';

import { say } from '../../src/output/say.ts';
import { testContext } from '../test-context.ts';

test('news are one line in the name of the program, without control characters out of data', () => {
  const context = testContext();
  say(context, 'a\nb\u001b[2J\u009b');
  expect(context.said()).toBe('sample: a\\nb\\u001b[2J\\u009b\n');
  expect(context.printed()).toBe('');
});

test('what would show another text than there is, is shown for what it is', () => {
  const context = testContext();
  say(context, 'a\u202eb\u200b\ufeff\u2028');
  expect(context.said()).toBe('sample: a\\u202eb\\u200b\\ufeff\\u2028\n');
});
