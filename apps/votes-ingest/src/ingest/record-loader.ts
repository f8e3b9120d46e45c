import { failedCheckReason, maxLineBytes, parseVote, voteContract } from '@sluice/schemas';
import type { ContractBreach, Drift } from '@sluice/schemas';
import { isUtf8 } from 'node:buffer';

import { isWhiteSpace, markLength, measureLongLine } from '../input/line-blocks.ts';
import type { LineBlock, LongLine } from '../input/line-blocks.ts';
import { CanonicalLine } from './canonical-line.ts';
import { CanonicalRow } from './canonical-row.ts';
import type { CanonicalVote } from './canonical-vote.ts';
import { DriftCounter } from './drift-counter.ts';
import { readRecord } from './read-record.ts';
import type { RecordFormat } from './read-record.ts';
import { RejectedLines } from './rejected-lines.ts';
import type { RejectedLine } from './rejected-lines.ts';
import type { SeenIds } from './seen-ids.ts';
import type { Spool } from './spool.ts';
import type { RecordFields } from './strict-json.ts';
import type { VoteBatch } from './vote-batch.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const lessThan = 0x3c;

/** After how many records a file without any object is known to be foreign. */
const recordsBeforeVerdict = 1_000;

/** Enough for every magic number that is told apart. */
const keptFirstBytes = 8;

/** Where the records of one file go. */
export interface RecordTargets {
  readonly fileId: number;
  /** Takes the votes whose Id is certainly new. */
  readonly votes: VoteBatch;
  /** Takes the others, and what is put aside. */
  readonly spool: Spool;
  readonly seenIds: SeenIds;
  /** Lines that checks hold back, in their order, as an earlier reading of the file has found. */
  readonly rejected?: readonly RejectedLine[] | undefined;
  /** How that reading has read the lines. */
  readonly format?: RecordFormat | undefined;
}

/**
 * Turns the lines of one file into rows, suspects and quarantine entries, and counts them. Lines
 * are numbered from 1, blank ones too; a record is a line that is not only white space.
 */
export class RecordLoader {
  readonly #targets: RecordTargets;
  readonly #canonicalLine = new CanonicalLine();
  readonly #canonicalRow = new CanonicalRow();
  readonly #drift = new DriftCounter();
  readonly #rejected: RejectedLines;
  #format: RecordFormat | undefined;
  #line = 0;
  read = 0;
  /** Records that went straight into the table. */
  written = 0;
  /** Records that are one object, whatever it holds. */
  objects = 0;
  /** The file's first bytes, a few of them, once there are any. */
  firstBytes: Buffer = Buffer.alloc(0);

  constructor(targets: RecordTargets) {
    this.#targets = targets;
    this.#rejected = new RejectedLines(targets.rejected ?? []);
  }

  /** Whether this is some other file: none of its first records is one object. */
  get isForeign(): boolean {
    return this.objects === 0 && this.read >= recordsBeforeVerdict;
  }

  /**
   * How the lines are read. The first object tells; until then each line is read as it looks, so that
   * a first line which is cut or foreign does not decide over all others.
   */
  get format(): RecordFormat | undefined {
    return this.#format ?? (this.objects > 0 ? 'json' : undefined);
  }

  /** Loads the lines of a block; stops where it turns out that the file is foreign. */
  load(block: LineBlock): void {
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

  loadLongLine(long: LongLine): void {
    if (this.#line === 0) {
      this.#keepFirst(long.head);
    }
    this.#line += 1;
    if (!long.isBlank) {
      this.read += 1;
      this.#rejectLongLine(long);
    }
  }

  /** What the contract does not know, most frequent first within its kind. */
  drift(): Drift[] {
    return this.#drift.list();
  }

  /** A copy: a block's memory is used again. */
  #keepFirst(bytes: Buffer): void {
    this.firstBytes = Buffer.from(bytes.subarray(0, keptFirstBytes));
  }

  #takeCanonical(vote: CanonicalVote): void {
    const { votes, spool, seenIds, fileId } = this.#targets;
    this.read += 1;
    this.objects += 1;
    this.#drift.countType(vote.voteTypeId);
    if (seenIds.admit(vote.id)) {
      votes.pushCanonical(vote, fileId);
      spool.noteAccepted(this.#line);
      this.written += 1;
    } else {
      spool.pushSuspectCanonical(vote, this.#line);
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
    const format = this.format ?? (firstVisibleByte(bytes) === lessThan ? 'xml' : 'json');
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
      this.#reject(bytes, record.breach);
      return;
    }
    this.objects += 1;
    const parsed = parseVote(record.fields);
    if ('breach' in parsed) {
      this.#reject(bytes, parsed.breach);
      return;
    }
    const { vote, unknownFields } = parsed;
    const { votes, spool, seenIds, fileId } = this.#targets;
    this.#drift.countType(vote.VoteTypeId);
    for (const name of unknownFields) {
      this.#drift.countUnknownField(name);
    }
    if (seenIds.admitBig(vote.Id)) {
      votes.pushVote(vote, fileId);
      spool.noteAccepted(this.#line);
      this.written += 1;
    } else {
      spool.pushSuspectVote(vote, this.#line);
    }
  }

  /** A record that keeps its contract, which an earlier reading has seen, and fails a check. */
  #holdBack(bytes: Buffer): void {
    const checkId = this.#rejected.take();
    this.read += 1;
    this.objects += 1;
    this.#format ??= this.#targets.format;
    this.#targets.spool.pushRejected({
      reason: failedCheckReason,
      message: `it fails the check ${checkId}`,
      checkId,
      line: this.#line,
      raw: bytes,
      rawBytes: bytes.length,
    });
  }

  #reject(bytes: Buffer, breach: ContractBreach): void {
    this.#targets.spool.pushRejected({
      ...breach,
      line: this.#line,
      raw: bytes,
      rawBytes: bytes.length,
    });
  }

  #rejectLongLine(long: LongLine): void {
    this.#targets.spool.pushRejected({
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
