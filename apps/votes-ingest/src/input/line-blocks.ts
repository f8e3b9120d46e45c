import { keptBytesOfLongLine, maxLineBytes } from '@sluice/schemas';
import { createHash } from 'node:crypto';

import type { ByteSource } from './byte-source.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from('\uFEFF');

const blockBytes = 4 * 1024 * 1024;
/**
 * The unfinished line at a block's end is copied to just before the next block, so that every line
 * lies in one piece: room for the longest line with its line end.
 */
const headroomBytes = maxLineBytes + 64;
/** What stands in memory with a line and is none of its bytes: a byte order mark, and its end. */
const besidesLineBytes = byteOrderMark.length + 1;
/** Room for a newline that a file's last line lacks, and for reads of whole words past the end. */
const tailroomBytes = 64;

/** Whole lines in one piece of memory: `bytes[start..end)` ends with a newline. */
export interface LineBlock {
  readonly kind: 'lines';
  readonly bytes: Buffer;
  /** Over all of `bytes`, with at least 32 readable bytes behind `end`. */
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

/** A line too long to be looked at: its first bytes, its length and its hash, without line end. */
export interface LongLine {
  readonly kind: 'long-line';
  readonly head: Buffer;
  readonly lengthBytes: number;
  readonly sha256: string;
  /** Whether it is white space only. */
  readonly isBlank: boolean;
}

/**
 * Cuts a source into blocks of whole lines; the next block is read while one is worked on, and a
 * block's memory is used again after the next but one step. A last line without a newline gets one.
 * Memory is bounded whatever the lines' lengths.
 */
export async function* readLineBlocks(source: ByteSource): AsyncGenerator<LineBlock | LongLine> {
  let current = allocateBlock();
  let other = allocateBlock();
  let carried = 0;
  let longLine: LongLineCollector | undefined;
  let isFirstLine = true;
  let reading = readBlock(source, current);
  try {
    for (;;) {
      const count = await reading;
      if (count === 0) {
        break;
      }
      reading = readBlock(source, other);
      const { bytes } = current;
      const end = headroomBytes + count;
      let start = headroomBytes - carried;
      if (longLine !== undefined) {
        const lineEnd = bytes.subarray(0, end).indexOf(newline, headroomBytes);
        longLine.add(bytes.subarray(headroomBytes, lineEnd < 0 ? end : lineEnd));
        start = lineEnd < 0 ? end : lineEnd + 1;
        if (lineEnd >= 0) {
          yield longLine.finish();
          longLine = undefined;
        }
      }
      const linesEnd = Math.max(bytes.subarray(0, end).lastIndexOf(newline) + 1, start);
      if (linesEnd > start) {
        yield { kind: 'lines', ...current, start, end: linesEnd };
        isFirstLine = false;
      }
      carried = end - linesEnd;
      if (carried > maxLineBytes + besidesLineBytes) {
        longLine = new LongLineCollector();
        longLine.add(
          bytes.subarray(linesEnd + (isFirstLine ? markLength(bytes, linesEnd) : 0), end),
        );
        isFirstLine = false;
        carried = 0;
      }
      bytes.copy(other.bytes, headroomBytes - carried, end - carried, end);
      [current, other] = [other, current];
    }
  } finally {
    await reading.catch(() => 0);
  }
  if (longLine !== undefined) {
    yield longLine.finish();
  } else if (carried > 0) {
    current.bytes[headroomBytes] = newline;
    yield {
      kind: 'lines',
      ...current,
      start: headroomBytes - carried,
      end: headroomBytes + 1,
    };
  }
}

/** Bytes of the byte order mark that stands at this place, if one does. */
export function markLength(bytes: Buffer, at: number): number {
  const mark = bytes.subarray(at, at + byteOrderMark.length);
  return mark.equals(byteOrderMark) ? byteOrderMark.length : 0;
}

/** Space, tab, and the other control characters that move on the page. */
export function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** A line too long to be looked at that lies in one piece of memory. */
export function measureLongLine(bytes: Uint8Array): LongLine {
  const collector = new LongLineCollector();
  collector.add(bytes);
  return collector.finish();
}

interface Block {
  readonly bytes: Buffer;
  readonly view: DataView;
}

function allocateBlock(): Block {
  const bytes = Buffer.from(new SharedArrayBuffer(headroomBytes + blockBytes + tailroomBytes));
  return { bytes, view: new DataView(bytes.buffer) };
}

function readBlock(source: ByteSource, block: Block): Promise<number> {
  const reading = source.read(block.bytes.subarray(headroomBytes, headroomBytes + blockBytes));
  // It is awaited one block later; until then a failure must not count as unhandled.
  reading.catch(() => undefined);
  return reading;
}

/** Hashes and measures a line that goes by, and keeps its beginning. */
class LongLineCollector {
  readonly #hash = createHash('sha256');
  readonly #head = Buffer.alloc(keptBytesOfLongLine);
  #length = 0;
  #isBlank = true;
  /** A carriage return is held back until it is known not to be part of the line end. */
  #holdsReturn = false;

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      return;
    }
    if (this.#holdsReturn) {
      this.#take(Buffer.of(carriageReturn));
    }
    this.#holdsReturn = bytes.at(-1) === carriageReturn;
    this.#take(this.#holdsReturn ? bytes.subarray(0, -1) : bytes);
  }

  finish(): LongLine {
    return {
      kind: 'long-line',
      head: this.#head.subarray(0, Math.min(this.#length, this.#head.length)),
      lengthBytes: this.#length,
      sha256: this.#hash.digest('hex'),
      isBlank: this.#isBlank,
    };
  }

  #take(bytes: Uint8Array): void {
    if (this.#length < this.#head.length) {
      this.#head.set(bytes.subarray(0, this.#head.length - this.#length), this.#length);
    }
    this.#isBlank &&= bytes.every(isWhiteSpace);
    this.#hash.update(bytes);
    this.#length += bytes.length;
  }
}
