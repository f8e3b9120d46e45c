import { maxLineBytes } from '@sluice/schemas';
import type { QuarantineReason } from '@sluice/schemas';

import { jsonDefects, xmlDefects } from './defect.ts';
import { pickBelow, stepHash } from './row-hash.ts';
import { addField, formatLine } from './vote-line.ts';
import type { VoteLine } from './vote-line.ts';
import type { VotesFormat } from './votes-options.ts';

/** Bytes that are no UTF-8, each by a rule of its own (RFC 3629, section 4). */
const invalidBytes = [
  [0x80], // a continuation byte with nothing to continue
  [0xc3, 0x28], // a first byte of two without its second
  [0xe2, 0x82], // a first byte of three without its third
  [0xc0, 0xaf], // a slash in two bytes
  [0xed, 0xa0, 0x80], // half of a surrogate pair
  [0xf4, 0x90, 0x80, 0x80], // beyond U+10FFFF
  [0xff], // in no sequence at all
] as const;

/** Lines that are too long are so by at least one byte and at most these. */
const maxExcessBytes = 4096;

/**
 * A line that breaks the contract for `reason`, and for no other: a vote with one defect, where
 * `hash` chooses which. Without its line end.
 */
export function makeBadLine({
  line,
  reason,
  format,
  hash,
}: {
  readonly line: VoteLine;
  readonly reason: QuarantineReason;
  readonly format: VotesFormat;
  readonly hash: number;
}): Uint8Array {
  if (reason === 'too_long') return makeLongLine(line, hash);
  if (reason === 'bad_encoding') return makeUndecodableLine(line, hash);
  const defects = (format === 'xml' ? xmlDefects : jsonDefects)[reason];
  const defect = defects[pickBelow(hash, defects.length)] ?? formatLine;
  return Buffer.from(defect(line));
}

/** The first half of a line, as a file has it that was cut. */
export function makeCutLine(line: VoteLine): Uint8Array {
  const text = formatLine(line);
  return Buffer.from(text.slice(0, text.length / 2));
}

function makeLongLine(line: VoteLine, hash: number): Uint8Array {
  const shortLength = formatLine(addField(line, { name: 'Note', source: '""' })).length;
  const excess = 1 + pickBelow(stepHash(hash, 1), maxExcessBytes);
  const text = 'x'.repeat(maxLineBytes - shortLength + excess);
  return Buffer.from(formatLine(addField(line, { name: 'Note', source: `"${text}"` })));
}

function makeUndecodableLine(line: VoteLine, hash: number): Uint8Array {
  // The placeholder, one byte of text, occurs nowhere else in a line.
  const placeholder = '?';
  const text = formatLine(addField(line, { name: 'Note', source: `"${placeholder}"` }));
  const [before = '', after = ''] = text.split(placeholder);
  const bytes = invalidBytes[pickBelow(hash, invalidBytes.length)] ?? [];
  return Buffer.concat([Buffer.from(before), Uint8Array.from(bytes), Buffer.from(after)]);
}
