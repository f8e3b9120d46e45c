import { makeBadLine, makeCutLine } from './bad-line.ts';
import { changeVote } from './conflicting-vote.ts';
import { outcomeOf, totalsOf, zeroCounts } from './expected-totals.ts';
import type { VotesTotals } from './expected-totals.ts';
import { LineBuffer } from './line-buffer.ts';
import { createLinePlan } from './line-plan.ts';
import type { LineKind, LinePlan } from './line-plan.ts';
import { createPhrase } from './phrase.ts';
import { deriveKey, hashRow } from './row-hash.ts';
import { createShuffle } from './shuffle-row.ts';
import { layoutOf } from './vote-layout.ts';
import type { VoteLayout } from './vote-layout.ts';
import { createVoteLine } from './vote-line.ts';
import { createVoteStream } from './vote-record.ts';
import type { VoteRecord, VoteStream } from './vote-record.ts';
import { createVoteWriter } from './vote-writer.ts';
import { resolveVotesOptions } from './votes-options.ts';
import type { ResolvedVotesOptions, VotesOptions } from './votes-options.ts';

const byteOrderMark = Buffer.from('\uFEFF');

/** Lines that are only white space. */
const blankLines = ['', ' ', '\t', '    '];

/**
 * The bytes of a file of votes, in chunks of about 1 MiB that end anywhere, and its totals as the
 * return value.
 *
 * The same options give the same bytes. Row k of a stream is the same record in every file of that
 * stream, whatever part of it a file holds and in which order. Memory does not grow with the rows.
 *
 * @throws {RangeError} for options that are out of their range.
 */
export function generateVotes(options: VotesOptions): Generator<Uint8Array, VotesTotals, void> {
  // Checked here, because a generator's own first statement runs only when the first chunk is asked for.
  return generateChunks(resolveVotesOptions(options));
}

function* generateChunks(options: ResolvedVotesOptions): Generator<Uint8Array, VotesTotals, void> {
  const { rows, firstRow } = options;
  const layout = layoutOf(options);
  const plan = createLinePlan(options);
  const stream = createVoteStream(options);
  const buffer = new LineBuffer();
  const startLine = createLineStarter(options, buffer);
  const writeVote = createVoteWriter({ layout, calendar: stream.calendar, buffer });
  const readLine = createLineReader({ options, layout, plan, stream });
  const shuffle = options.order === 'random' ? createShuffle(options) : undefined;
  const counts = zeroCounts();

  for (const text of layout.fileStart) {
    startLine();
    buffer.writeBytes(Buffer.from(text));
  }
  for (let position = 0; position < rows; position += 1) {
    const row = firstRow + (shuffle === undefined ? position : shuffle(position));
    const kind = plan.kindOf(row);
    counts[outcomeOf({ plan, kind, row, firstRow })] += 1;
    if (plan.hasBlankLineBefore(row)) {
      startLine();
      buffer.writeBytes(Buffer.from(blankLines[row % blankLines.length] ?? ''));
    }
    startLine();
    const content = kind === 'vote' ? stream.readVote(row) : readLine(row, kind);
    if (!(content instanceof Uint8Array)) {
      writeVote(content);
    } else if (buffer.fits(content.length)) {
      buffer.writeBytes(content);
    } else {
      yield* takeChunk(buffer);
      yield content;
    }
    if (buffer.isFull) yield* takeChunk(buffer);
  }
  for (const line of lastLines({ options, layout, stream })) {
    startLine();
    buffer.writeBytes(line);
  }
  if (options.finalNewline) startLine();
  yield* takeChunk(buffer);
  return totalsOf(counts, options);
}

/** What was written since the last chunk, if anything was. */
function* takeChunk(buffer: LineBuffer): Generator<Uint8Array, void, void> {
  const chunk = buffer.takeChunk();
  if (chunk.length > 0) yield chunk;
}

/** Ends the line before, if there is one. */
function createLineStarter(options: ResolvedVotesOptions, buffer: LineBuffer): () => void {
  const newline = createPhrase(options.crlf ? '\r\n' : '\n');
  let isFirst = true;
  return () => {
    if (!isFirst) {
      buffer.writePhrase(newline);
    } else if (options.byteOrderMark) {
      buffer.writeBytes(byteOrderMark);
    }
    isFirst = false;
  };
}

interface LineSources {
  readonly options: ResolvedVotesOptions;
  readonly layout: VoteLayout;
  readonly plan: LinePlan;
  readonly stream: VoteStream;
}

/** Reads the lines that are not a row's own vote: another vote, or the bytes of a bad line. */
function createLineReader({
  options,
  layout,
  plan,
  stream,
}: LineSources): (row: number, kind: Exclude<LineKind, 'vote'>) => VoteRecord | Uint8Array {
  const { seed, format } = options;
  const { readVote, calendar } = stream;
  const conflictKey = deriveKey(seed, 'conflict');
  const defectKey = deriveKey(seed, 'defect');
  return (row, kind) => {
    if (kind === 'duplicate') return readVote(plan.partnerOf(row));
    if (kind === 'conflict') {
      const vote = readVote(plan.partnerOf(row));
      const { dayCount } = calendar;
      return changeVote({ vote, hash: hashRow(conflictKey, row), dayCount });
    }
    const line = createVoteLine({ vote: readVote(row), layout, calendar });
    return makeBadLine({ line, reason: kind, format, hash: hashRow(defectKey, row) });
  };
}

function lastLines({
  options,
  layout,
  stream,
}: Pick<LineSources, 'options' | 'layout' | 'stream'>): Uint8Array[] {
  const { firstRow, rows, badAtEnd } = options;
  const fileEnd = layout.fileEnd.map((text) => Buffer.from(text));
  if (!badAtEnd) return fileEnd;
  const { readVote, calendar } = stream;
  const line = createVoteLine({ vote: readVote(firstRow + rows), layout, calendar });
  return [makeCutLine(line), ...fileEnd];
}
