import { expect, test } from 'vitest';

import { resolveVotesOptions } from '../src/votes-options.ts';
import type { VotesOptions } from '../src/votes-options.ts';

test.each<[name: string, options: Partial<VotesOptions>, message: string]>([
  ['a part of a row', { rows: 1.5 }, 'rows must be an integer from 0'],
  ['negative rows', { rows: -1 }, 'rows must be'],
  ['a seed over 32 bits', { seed: 2 ** 32 }, 'seed must be'],
  ['a stream shorter than the file', { streamRows: 9 }, 'streamRows must be'],
  ['the first Id 0', { firstId: 0 }, 'firstId must be'],
  ['Ids that are no longer exact', { firstId: Number.MAX_SAFE_INTEGER }, 'firstId must be'],
  ['a day the calendar does not have', { from: '2021-02-29' }, 'from must be a day'],
  ['a date in another form', { to: '2021-9-5' }, 'to must be a day'],
  ['days in the wrong order', { from: '2021-09-05' }, 'to must be a day after from'],
  ['a share over 1', { duplicates: 1.1 }, 'duplicates must be a share'],
  ['a share that is no number', { blankLines: Number.NaN }, 'blankLines must be a share'],
  ['a negative share', { badLines: { not_json: -0.1 } }, 'badLines.not_json must be a share'],
  ['more than all rows', { duplicates: 0.3, badLines: { not_json: 0.5 } }, 'must be at most 1'],
  ['numbers in XML', { format: 'xml', values: 'number' }, "values must be 'string'"],
  ['a later part of a long stream', { firstRow: 40_290 }, 'streamRows is needed'],
])('%s is refused with the name of the option', (_, options, message) => {
  expect(() => resolveVotesOptions({ rows: 10, seed: 1, ...options })).toThrow(RangeError);
  expect(() => resolveVotesOptions({ rows: 10, seed: 1, ...options })).toThrow(message);
});

test.each([
  { rows: 1000, firstRow: 900, streamRows: 40_299 },
  { rows: 5_000_000, firstRow: 0, streamRows: 5_000_000 },
])('a file of $rows rows is part of a stream of $streamRows', ({ streamRows, ...options }) => {
  expect(resolveVotesOptions({ seed: 1, ...options }).streamRows).toBe(streamRows);
});

test('decimal shares that add up to all rows are accepted', () => {
  const badLines = { not_json: 0.1, wrong_type: 0.2, bad_timestamp: 0.3, missing_field: 0.4 };
  expect(resolveVotesOptions({ rows: 1, seed: 1, badLines }).badLines).toEqual(badLines);
});
