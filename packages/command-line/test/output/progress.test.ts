import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';

import { startProgress } from '../../src/output/progress.ts';
import type { ProgressUnit } from '../../src/output/progress.ts';
import { FakeStream, screenOf } from '../../src/testing.ts';
import { testContext } from '../test-context.ts';

const days: ProgressUnit = { name: 'days', size: 1, digits: 0, rateDigits: 1 };

test.each<[string, ProgressUnit | undefined, number, RegExp]>([
  ['megabytes', undefined, 3_000_000, /0\.0 of 3\.0 MB {2}0 MB\/s .* left {2}a\.jsonl/],
  ['what it is told to', days, 30, /0 of 30 days {2}0\.0 days\/s .* left {2}a\.jsonl/],
  ['towards an end that is not known', days, 0, /0 of \? days/],
])('a bar on a terminal counts %s', async (_, unit, total, expected) => {
  const messages = new FakeStream({ isTTY: true });
  const progress = await startProgress(testContext({ messages }).messages, unit);
  progress.start('a.jsonl', total);
  progress.update(total / 3);
  progress.stop();
  expect(stripVTControlCharacters(messages.text)).toMatch(expected);
});

test('off a terminal there is no bar', async () => {
  const context = testContext();
  const progress = await startProgress(context.messages);
  progress.start('a.jsonl', 10);
  progress.update(5, 20);
  progress.relabel('b.jsonl');
  progress.stop();
  expect(context.said()).toBe('');
  progress.print('a line\n');
  expect(context.said()).toBe('a line\n');
});

test('lines are written above the bar, which is below them again, and gone at its end', async () => {
  const messages = new FakeStream({ isTTY: true });
  const progress = await startProgress(testContext({ messages }).messages, days);
  progress.print('before\n');
  progress.start('first', 3);
  for (const line of ['one', 'two', 'three']) {
    progress.print(`${line}\n`);
    const [bar, ...above] = screenOf(messages.text).toReversed();
    expect(bar).toMatch(/0 of 3 days .* left {2}first$/);
    expect(above[0]).toBe(line);
  }
  progress.relabel('second');
  progress.update(1);
  progress.print('four\n');
  expect(screenOf(messages.text).at(-1)).toMatch(/1 of 3 days .* left {2}second$/);
  progress.stop();
  progress.print('after\n');
  expect(screenOf(messages.text)).toEqual(['before', 'one', 'two', 'three', 'four', 'after', '']);
});

test('a bar that is not stopped, and another one after it, leave no line behind', async () => {
  const messages = new FakeStream({ isTTY: true });
  const progress = await startProgress(testContext({ messages }).messages, days);
  progress.start('first', 3);
  progress.start('second', 3);
  progress.print('a line\n');
  progress.stop();
  progress.stop();
  expect(screenOf(messages.text)).toEqual(['a line', '']);
});
