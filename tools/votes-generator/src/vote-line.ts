import type { VoteCalendar } from './vote-calendar.ts';
import type { VoteLayout } from './vote-layout.ts';
import type { VoteRecord } from './vote-record.ts';

/** The time of day is always midnight: the public data has the day only. */
export const midnight = 'T00:00:00.000';

/** A field that the contract of a vote does not know; posts have it in newer dumps. */
export const unknownField = { name: 'ContentLicense', text: 'CC BY-SA 4.0' } as const;

/** A line as its fields, so that single ones can be spoiled. */
export interface VoteLine {
  readonly layout: VoteLayout;
  readonly fields: readonly LineField[];
}

/** A field as it is written, quotes included: `"1"`, or `1`. */
export interface LineField {
  readonly name: string;
  readonly source: string;
}

/** The fields of a vote, in the order of its layout. */
export function createVoteLine({
  vote,
  layout,
  calendar,
}: {
  readonly vote: VoteRecord;
  readonly layout: VoteLayout;
  readonly calendar: VoteCalendar;
}): VoteLine {
  const sources = new Map<string, string | undefined>([
    ['Id', integerSource(layout, vote.id)],
    ['PostId', integerSource(layout, vote.postId)],
    ['VoteTypeId', integerSource(layout, vote.voteTypeId)],
    ['UserId', integerSource(layout, vote.userId)],
    ['CreationDate', `"${calendar.textOfDay(vote.day)}${midnight}"`],
    ['BountyAmount', integerSource(layout, vote.bountyAmount)],
  ]);
  const fields = layout.fieldNames.flatMap((name) => {
    const source = sources.get(name);
    return source === undefined ? [] : [{ name, source }];
  });
  const { name, text } = unknownField;
  return {
    layout,
    fields: vote.hasUnknownField ? [...fields, { name, source: `"${text}"` }] : fields,
  };
}

/** The text of a line, without its line end. */
export function formatLine({ layout, fields }: VoteLine): string {
  const texts = fields.map(({ name, source }) => layout.nameOf(name) + source);
  return layout.lineStart + texts.join(layout.separator) + layout.lineEnd;
}

/** The line with one more field at its end, be there another of its name or not. */
export function addField(line: VoteLine, field: LineField): VoteLine {
  return { ...line, fields: [...line.fields, field] };
}

/** The line without a field. */
export function removeField(line: VoteLine, name: string): VoteLine {
  return { ...line, fields: line.fields.filter((field) => field.name !== name) };
}

/** The line with another value in a field, which is added when it is not there. */
export function setField(line: VoteLine, field: LineField): VoteLine {
  const isThere = line.fields.some(({ name }) => name === field.name);
  if (!isThere) return addField(line, field);
  return {
    ...line,
    fields: line.fields.map((other) => (other.name === field.name ? field : other)),
  };
}

/** How a field of the line is written. */
export function sourceOf(line: VoteLine, name: string): string {
  const field = line.fields.find((other) => other.name === name);
  if (field === undefined) throw new RangeError(`the line has no field ${name}`);
  return field.source;
}

function integerSource(layout: VoteLayout, integer: number | undefined): string | undefined {
  if (integer === undefined) return undefined;
  return layout.integerQuote + String(integer) + layout.integerQuote;
}
