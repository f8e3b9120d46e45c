import type { LineBuffer } from './line-buffer.ts';
import { createPhrase } from './phrase.ts';
import type { Phrase } from './phrase.ts';
import type { VoteCalendar } from './vote-calendar.ts';
import type { VoteFieldName, VoteLayout } from './vote-layout.ts';
import { midnight, unknownField } from './vote-line.ts';
import type { VoteRecord } from './vote-record.ts';

/** What encloses values that are no integers. */
const quote = '"';

/** Writes votes into `buffer` byte by byte, with no string in between, and without their line ends. */
export function createVoteWriter({
  layout,
  calendar,
  buffer,
}: {
  readonly layout: VoteLayout;
  readonly calendar: VoteCalendar;
  readonly buffer: LineBuffer;
}): (vote: VoteRecord) => void {
  const { separator, lineStart, lineEnd, nameOf } = layout;
  const quoteOf = (name: VoteFieldName) => (name === 'CreationDate' ? quote : layout.integerQuote);
  const fields = layout.fieldNames.map((name, index) => {
    // The quote that closes a value is written with what follows it: fewer and longer writes.
    const previous = layout.fieldNames[index - 1];
    const before = previous === undefined ? lineStart : quoteOf(previous) + separator;
    return { name, start: createPhrase(before + nameOf(name) + quoteOf(name)) };
  });
  // The last value is quoted in every layout.
  const end = createPhrase(quote + lineEnd);
  const unknown = `${nameOf(unknownField.name)}${quote}${unknownField.text}${quote}`;
  const endWithUnknownField = createPhrase(quote + separator + unknown + lineEnd);
  const dates: Phrase[] = [];
  const dateOf = (day: number) => (dates[day] ??= createPhrase(calendar.textOfDay(day) + midnight));

  return (vote) => {
    for (const { name, start } of fields) {
      if (name === 'CreationDate') {
        buffer.writePhrase(start);
        buffer.writePhrase(dateOf(vote.day));
        continue;
      }
      const integer = integerOf(vote, name);
      if (integer === undefined) continue;
      buffer.writePhrase(start);
      buffer.writeInteger(integer);
    }
    buffer.writePhrase(vote.hasUnknownField ? endWithUnknownField : end);
  };
}

function integerOf(
  vote: VoteRecord,
  name: Exclude<VoteFieldName, 'CreationDate'>,
): number | undefined {
  switch (name) {
    case 'Id':
      return vote.id;
    case 'PostId':
      return vote.postId;
    case 'VoteTypeId':
      return vote.voteTypeId;
    case 'UserId':
      return vote.userId;
    case 'BountyAmount':
      return vote.bountyAmount;
  }
}
