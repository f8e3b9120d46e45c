import { quarantineReasons } from '@sluice/schemas';
import { describe, expect, test } from 'vitest';

import { jsonDefects, xmlDefects } from '../src/defect.ts';
import { layoutOf } from '../src/vote-layout.ts';
import { createVoteLine, formatLine } from '../src/vote-line.ts';
import type { VoteRecord } from '../src/vote-record.ts';
import { judgeLine } from './naive-loader.ts';

const plain: VoteRecord = {
  id: 4711,
  postId: 42,
  voteTypeId: 2,
  userId: undefined,
  day: 0,
  bountyAmount: undefined,
  hasUnknownField: false,
};
const bounty = { ...plain, voteTypeId: 8, userId: 99, bountyAmount: 50 };
const votes = [plain, bounty, { ...bounty, hasUnknownField: true }];
const calendar = { dayCount: 1, dayOfRow: () => 0, textOfDay: () => '2021-09-04' };

const layouts = [
  { name: 'JSON with strings', format: 'jsonl', values: 'string', defects: jsonDefects },
  { name: 'JSON with numbers', format: 'jsonl', values: 'number', defects: jsonDefects },
  { name: 'XML', format: 'xml', values: 'string', defects: xmlDefects },
] as const;

describe.each(layouts)('$name', ({ format, values, defects }) => {
  const lines = votes.map((vote) =>
    createVoteLine({ vote, layout: layoutOf({ format, values }), calendar }),
  );

  test('a line without a defect is accepted', () => {
    for (const line of lines) {
      expect(judgeLine(Buffer.from(formatLine(line)), format)).toHaveProperty('id', 4711n);
    }
  });

  const textReasons = quarantineReasons.filter(
    (reason) => reason !== 'too_long' && reason !== 'bad_encoding',
  );
  test.each(textReasons)('every defect for %s is judged to be just that', (reason) => {
    expect(defects[reason].length).toBeGreaterThan(1);
    for (const defect of defects[reason]) {
      for (const line of lines) {
        const text = defect(line);
        expect({ text, ...judgeLine(Buffer.from(text), format) }).toEqual({ text, reason });
        expect(text).not.toMatch(/[\r\n]/);
      }
    }
  });
});
