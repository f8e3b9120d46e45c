import { expect, test } from 'vitest';

import { LineBuffer } from '../src/line-buffer.ts';
import { layoutOf } from '../src/vote-layout.ts';
import { createVoteLine, formatLine } from '../src/vote-line.ts';
import { createVoteStream } from '../src/vote-record.ts';
import { createVoteWriter } from '../src/vote-writer.ts';
import { resolveVotesOptions } from '../src/votes-options.ts';

const layouts = [
  { format: 'jsonl', values: 'string' },
  { format: 'jsonl', values: 'number' },
  { format: 'xml', values: 'string' },
] as const;

test.each(layouts)('$format with $values: what is written fast is what is formatted', (options) => {
  const rows = 5000;
  const stream = createVoteStream(
    resolveVotesOptions({ rows, seed: 5, unknownFields: 0.2, unknownTypes: 0.1, ...options }),
  );
  const { calendar } = stream;
  const layout = layoutOf(options);
  const buffer = new LineBuffer();
  const writeVote = createVoteWriter({ layout, calendar, buffer });
  const formatted: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const vote = stream.readVote(row);
    writeVote(vote);
    formatted.push(formatLine(createVoteLine({ vote, layout, calendar })));
  }
  expect(Buffer.from(buffer.takeChunk()).toString()).toBe(formatted.join(''));
});

test('keys stand in the order of the real file, and attributes in the order of the dump', () => {
  const vote = {
    id: 6364,
    postId: 742,
    voteTypeId: 8,
    userId: 14,
    day: 0,
    bountyAmount: 50,
    hasUnknownField: false,
  };
  const calendar = { dayCount: 1, dayOfRow: () => 0, textOfDay: () => '2017-05-21' };
  const textOf = (options: (typeof layouts)[number]) => {
    const buffer = new LineBuffer();
    createVoteWriter({ layout: layoutOf(options), calendar, buffer })(vote);
    return Buffer.from(buffer.takeChunk()).toString();
  };
  expect(layouts.map(textOf)).toEqual([
    '{"Id":"6364","UserId":"14","PostId":"742","VoteTypeId":"8","BountyAmount":"50","CreationDate":"2017-05-21T00:00:00.000"}',
    '{"Id":6364,"UserId":14,"PostId":742,"VoteTypeId":8,"BountyAmount":50,"CreationDate":"2017-05-21T00:00:00.000"}',
    '  <row Id="6364" PostId="742" VoteTypeId="8" UserId="14" CreationDate="2017-05-21T00:00:00.000" BountyAmount="50" />',
  ]);
});
