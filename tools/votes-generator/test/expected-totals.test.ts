import { expect, test } from 'vitest';

import { expectedTotals, generateVotes } from '../src/index.ts';
import type { VotesOptions, VotesTotals } from '../src/index.ts';
import { countNaively } from './naive-loader.ts';

const everything = {
  rows: 20_000,
  seed: 11,
  duplicates: 0.06,
  conflicts: 0.04,
  badLines: {
    too_long: 0.0002,
    bad_encoding: 0.01,
    not_json: 0.02,
    not_an_object: 0.01,
    duplicate_key: 0.01,
    missing_field: 0.01,
    wrong_type: 0.02,
    out_of_range: 0.01,
    bad_timestamp: 0.02,
  },
  unknownTypes: 0.01,
  unknownFields: 0.01,
  blankLines: 0.02,
  badAtEnd: true,
} as const;

const cases: readonly [name: string, options: VotesOptions][] = [
  ['a plain file', { rows: 3000, seed: 1 }],
  ['no rows', { rows: 0, seed: 1 }],
  ['one bad record alone', { rows: 0, seed: 1, badAtEnd: true }],
  ['everything at once', everything],
  ['everything at random order', { ...everything, order: 'random' }],
  ['everything in XML', { ...everything, format: 'xml' }],
  [
    'numbers, CR LF and a byte order mark',
    { ...everything, values: 'number', crlf: true, byteOrderMark: true },
  ],
  ['a part whose repeated rows are before it', { ...everything, rows: 700, firstRow: 13_000 }],
  ['such a part at random order', { ...everything, rows: 700, firstRow: 13_000, order: 'random' }],
  ['half of all rows repeated', { rows: 4000, seed: 4, duplicates: 0.25, conflicts: 0.25 }],
  ['bad lines only', { rows: 2000, seed: 4, badLines: { not_json: 0.5, wrong_type: 0.5 } }],
];

test.each(cases)(
  'of %s are what a naive loader counts, and what the generator returns',
  (_, options) => {
    const { file, returned } = generate(options);
    const naive = countNaively(file, options.format);
    expect(expectedTotals(options)).toEqual(naive);
    expect(returned).toEqual(naive);
  },
);

test('every record is in exactly one total', () => {
  const { read, accepted, duplicate, conflicting, quarantined } = expectedTotals(everything);
  expect(read).toBe(everything.rows + 1);
  expect(accepted + duplicate + conflicting + quarantined).toBe(read);
  expect(Math.min(accepted, duplicate, conflicting, quarantined)).toBeGreaterThan(0);
});

test('wrong options are refused', () => {
  expect(() => expectedTotals({ rows: 1, seed: -1 })).toThrow(RangeError);
});

function generate(options: VotesOptions): {
  readonly file: Buffer;
  readonly returned: VotesTotals;
} {
  const generated = generateVotes(options);
  const chunks: Uint8Array[] = [];
  let next = generated.next();
  while (next.done !== true) {
    chunks.push(next.value);
    next = generated.next();
  }
  return { file: Buffer.concat(chunks), returned: next.value };
}
