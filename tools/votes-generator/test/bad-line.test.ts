import { maxLineBytes } from '@sluice/schemas';
import { expect, test } from 'vitest';

import { makeBadLine, makeCutLine } from '../src/bad-line.ts';
import { layoutOf } from '../src/vote-layout.ts';
import { createVoteLine } from '../src/vote-line.ts';
import { judgeLine } from './naive-loader.ts';

const calendar = { dayCount: 1, dayOfRow: () => 0, textOfDay: () => '2021-09-04' };
const vote = {
  id: 1,
  postId: 1,
  voteTypeId: 2,
  userId: undefined,
  day: 0,
  bountyAmount: undefined,
  hasUnknownField: false,
};
const hashes = Array.from({ length: 100 }, (_, index) => index * 21_474_836);

function lineOf(format: 'jsonl' | 'xml') {
  return createVoteLine({ vote, layout: layoutOf({ format, values: 'string' }), calendar });
}

test.each(['jsonl', 'xml'] as const)('in %s, bytes that are no UTF-8 are so strictly', (format) => {
  const line = lineOf(format);
  const lines = hashes.map((hash) => makeBadLine({ line, reason: 'bad_encoding', format, hash }));
  expect(new Set(lines.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(7);
  for (const bytes of lines) {
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow(TypeError);
    // A reader that replaces what it can not decode is left with an acceptable record.
    const replaced = Buffer.from(new TextDecoder().decode(bytes));
    expect(judgeLine(replaced, format)).toHaveProperty('id', 1n);
  }
});

test.each(['jsonl', 'xml'] as const)(
  'in %s, a line is too long by little and by nothing else',
  (format) => {
    const line = lineOf(format);
    for (const hash of hashes.slice(0, 5)) {
      const bytes = makeBadLine({ line, reason: 'too_long', format, hash });
      expect(bytes.length).toBeGreaterThan(maxLineBytes);
      expect(bytes.length).toBeLessThanOrEqual(maxLineBytes + 4096);
      const shortened = Buffer.from(
        Buffer.from(bytes)
          .toString('latin1')
          .replace(/x{5000}/, ''),
      );
      expect(judgeLine(shortened, format)).toHaveProperty('id', 1n);
    }
  },
);

test.each(['jsonl', 'xml'] as const)('in %s, a line cut in its middle does not parse', (format) => {
  expect(judgeLine(makeCutLine(lineOf(format)), format)).toEqual({ reason: 'not_json' });
});
