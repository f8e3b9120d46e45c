import { failedCheckReason, maxLineBytes, parseVote, voteContract } from '@sluice/schemas';
import type { ContractBreach, Drift } from '@sluice/schemas';
import { isUtf8 } from 'node:buffer';

import { isWhiteSpace, markLength, measureLongLine } from '../input/line-blocks.ts';
import type { LineBlock, LongLine } from '../input/line-blocks.ts';
import { AcceptedLines } from './accepted-lines.ts';
import { CanonicalLine } from './canonical-line.ts';
import { CanonicalRow } from './canonical-row.ts';
import type { CanonicalVote } from './canonical-vote.ts';
import { DriftCounter } from './drift-counter.ts';
import { readRecord } from './read-record.ts';
import type { RecordFormat } from './read-record.ts';
import type { RecordSink } from './record-sink.ts';
import { RejectedLines } from './rejected-lines.ts';
import type { RejectedLine } from './rejected-lines.ts';
import { rejectedRowOf } from './rejected-record.ts';
import type { RejectedRecord } from './rejected-record.ts';
import { SeenIds } from './seen-ids.ts';
import type { RecordFields } from './strict-json.ts';
import { VoteBatch } from './vote-batch.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const lessThan = 0x3c;

/** After how many records a file without any object is known to be foreign. */
const recordsBeforeVerdict = 1_000;

/** For the bitmap of a file's Ids: 1,024 pages of 2^19, so half a billion dense ones. */
const seenIdsMemoryBytes = 64 * 1024 * 1024;

/** Enough for every magic number that is told apart. */
const keptFirstBytes = 8;

/** One file whose records are to be loaded. */
export interface LoadingOptions {
  readonly fileId: number;
  /** The largest Id in the table, 0 where it is empty. */
  readonly tableMaxId: bigint;
  /** Lines that checks hold back, in their order, as an earlier reading of the file has found. */
  readonly rejected: readonly RejectedLine[];
  /** How that reading has read the lines. */
  readonly format: RecordFormat | undefined;
}

/** What was loaded of a file. */
export interface LoadedRecords {
  readonly read: number;
  /** Records that went straight into the table. */
  readonly written: number;
  readonly format: RecordFormat | undefined;
  /** What the contract does not know, most frequent first within its kind. */
  readonly drift: readonly Drift[];
  /** The largest Id seen, the table's included. */
  readonly maxId: bigint;
}

/**
 * Turns the lines of one file into rows, suspects and quarantine entries, and counts them. Lines
 * are numbered from 1, blank ones too; a record is a line that is not only white space.
 */
export class RecordLoader {
  readonly #fileId: number;
  readonly #sink: RecordSink;
  readonly #votes: VoteBatch;
  readonly #suspects: VoteBatch;
  readonly #accepted: AcceptedLines;
  readonly #seenIds: SeenIds;
  readonly #canonicalLine = new CanonicalLine();
  readonly #canonicalRow = new CanonicalRow();
  readonly #drift = new DriftCounter();
  readonly #rejected: RejectedLines;
  readonly #earlierFormat: RecordFormat | undefined;
  #format: RecordFormat | undefined;
  #line = 0;
  #written = 0;
  read = 0;
  /** Records that are one object, whatever it holds. */
  objects = 0;
  /** The file's first bytes, a few of them, once there are any. */
  firstBytes: Buffer = Buffer.alloc(0);

  constructor({ fileId, tableMaxId, rejected, format }: LoadingOptions, sink: RecordSink) {
    this.#fileId = fileId;
    this.#sink = sink;
    this.#votes = new VoteBatch(sink.takeVotes);
    this.#suspects = new VoteBatch(sink.takeSuspects);
    this.#accepted = new AcceptedLines(sink.takeAcceptedLines);
    this.#seenIds = new SeenIds(tableMaxId, seenIdsMemoryBytes);
    this.#rejected = new RejectedLines(rejected);
    this.#earlierFormat = format;
  }

  /** Whether this is some other file: none of its first records is one object. */
  get isForeign(): boolean {
    return this.objects === 0 && this.read >= recordsBeforeVerdict;
  }

  /**
   * How the lines are read. The first object tells; until then each line is read as it looks, so that
   * a first line which is cut or foreign does not decide over all others.
   */
  get #knownFormat(): RecordFormat | undefined {
    return this.#format ?? (this.objects > 0 ? 'json' : undefined);
  }

  /** Loads the lines of a block; stops where it turns out that the file is foreign. */
  load(block: LineBlock | LongLine): void {
    if (block.kind === 'long-line') {
      this.#loadLongLine(block);
    } else {
      this.#loadLines(block);
    }
  }

  /** Hands the last records over; gives what was loaded. */
  finish(): LoadedRecords {
    this.#votes.finish();
    this.#suspects.finish();
    this.#accepted.finish();
    return {
      read: this.read,
      written: this.#written,
      format: this.#knownFormat,
      drift: this.#drift.list(),
      maxId: this.#seenIds.max,
    };
  }

  #loadLines(block: LineBlock): void {
    const { view, end } = block;
    if (this.#line === 0) {
      this.#keepFirst(block.bytes.subarray(block.start, end));
    }
    let at = block.start + (this.#line === 0 ? markLength(block.bytes, block.start) : 0);
    while (at < end && !this.isForeign) {
      this.#line += 1;
      if (this.#line === this.#rejected.nextLine) {
        const rejectedEnd = block.bytes.indexOf(newline, at);
        this.#holdBack(block.bytes.subarray(at, withoutReturn(block.bytes, at, rejectedEnd)));
        at = rejectedEnd + 1;
        continue;
      }
      // Until a row has told that this is XML, no line is canonical in both.
      const canonical = this.#format === 'xml' ? this.#canonicalRow : this.#canonicalLine;
      const next = canonical.read(view, at);
      if (next > 0) {
        this.#takeCanonical(canonical.vote);
        at = next;
        continue;
      }
      const lineEnd = block.bytes.indexOf(newline, at);
      this.#loadOther(block.bytes.subarray(at, withoutReturn(block.bytes, at, lineEnd)));
      at = lineEnd + 1;
    }
  }

  #loadLongLine(long: LongLine): void {
    if (this.#line === 0) {
      this.#keepFirst(long.head);
    }
    this.#line += 1;
    if (!long.isBlank) {
      this.read += 1;
      this.#rejectLongLine(long);
    }
  }

  /** A copy: a block's memory is used again. */
  #keepFirst(bytes: Buffer): void {
    this.firstBytes = Buffer.from(bytes.subarray(0, keptFirstBytes));
  }

  #takeCanonical(vote: CanonicalVote): void {
    this.read += 1;
    this.objects += 1;
    this.#drift.countType(vote.voteTypeId);
    if (this.#seenIds.admit(vote.id)) {
      this.#votes.pushCanonical(vote, this.#fileId);
      this.#accepted.note(this.#line);
      this.#written += 1;
    } else {
      this.#suspects.pushCanonical(vote, this.#line);
    }
  }

  #loadOther(bytes: Buffer): void {
    if (isBlank(bytes)) {
      return;
    }
    if (bytes.length > maxLineBytes) {
      this.read += 1;
      this.#rejectLongLine(measureLongLine(bytes));
      return;
    }
    const format = this.#knownFormat ?? (firstVisibleByte(bytes) === lessThan ? 'xml' : 'json');
    const record = readRecord(bytes, format);
    if (record !== undefined) {
      this.read += 1;
      this.#takeRecord(bytes, record);
      this.#format ??= this.objects > 0 ? format : undefined;
    }
  }

  #takeRecord(bytes: Buffer, record: RecordFields): void {
    if ('breach' in record) {
      this.objects += record.breach.reason === 'duplicate_key' ? 1 : 0;
      this.#rejectBreach(bytes, record.breach);
      return;
    }
    this.objects += 1;
    const parsed = parseVote(record.fields);
    if ('breach' in parsed) {
      this.#rejectBreach(bytes, parsed.breach);
      return;
    }
    const { vote, unknownFields } = parsed;
    this.#drift.countType(vote.VoteTypeId);
    for (const name of unknownFields) {
      this.#drift.countUnknownField(name);
    }
    if (this.#seenIds.admitBig(vote.Id)) {
      this.#votes.pushVote(vote, this.#fileId);
      this.#accepted.note(this.#line);
      this.#written += 1;
    } else {
      this.#suspects.pushVote(vote, this.#line);
    }
  }

  /** A record that keeps its contract, which an earlier reading has seen, and fails a check. */
  #holdBack(bytes: Buffer): void {
    const checkId = this.#rejected.take();
    this.read += 1;
    this.objects += 1;
    this.#format ??= this.#earlierFormat;
    this.#reject({
      reason: failedCheckReason,
      message: `it fails the check ${checkId}`,
      checkId,
      line: this.#line,
      raw: bytes,
      rawBytes: bytes.length,
    });
  }

  #rejectBreach(bytes: Buffer, breach: ContractBreach): void {
    this.#reject({ ...breach, line: this.#line, raw: bytes, rawBytes: bytes.length });
  }

  #reject(record: RejectedRecord): void {
    this.#sink.takeRejected(rejectedRowOf(record));
  }

  #rejectLongLine(long: LongLine): void {
    this.#reject({
      reason: 'too_long',
      message: `the line has ${long.lengthBytes} bytes, over ${maxLineBytes}; its beginning is kept`,
      line: this.#line,
      raw: wholeCharacters(long.head),
      rawBytes: long.lengthBytes,
      rawSha256: long.sha256,
    });
  }
}

/** The version of the contract that records are checked against. */
export const contractVersion = voteContract.version;

function withoutReturn(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every(isWhiteSpace);
}

function firstVisibleByte(bytes: Buffer): number | undefined {
  return bytes.find((byte) => !isWhiteSpace(byte));
}

/** Cuts off a character whose last bytes are missing, where the rest is UTF-8. */
function wholeCharacters(head: Buffer): Buffer {
  for (let cut = 0; cut < 4; cut++) {
    const shorter = head.subarray(0, head.length - cut);
    if (isUtf8(shorter)) {
      return shorter;
    }
  }
  return head;
}
