import type { Phrase } from './phrase.ts';

/** Chunks are handed out at this size: large enough for one system call each, small enough for a cache. */
const chunkBytes = 1024 * 1024;

/** Room for the line that crosses the size, and for the padding of the phrase that ends it. */
const reserveBytes = 4096;

const digitZero = 0x30;
const minus = 0x2d;
/** Integers are written in parts of nine digits, which fit 32 bits and are divided faster for it. */
const partSize = 1_000_000_000;
const partDigits = 9;

/** Collects bytes into chunks. Each chunk has memory of its own, so that it may be kept. */
export class LineBuffer {
  #bytes = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));
  #length = 0;

  constructor() {
    this.#startChunk();
  }

  /** Whether it is time to take the chunk; until it is, what `fits` says is true for any vote. */
  get isFull(): boolean {
    return this.#length >= chunkBytes;
  }

  /** Hands out what was written so far and begins anew. */
  takeChunk(): Uint8Array {
    const chunk = this.#bytes.subarray(0, this.#length);
    this.#startChunk();
    return chunk;
  }

  /** Whether so many bytes have room before the chunk must be taken. */
  fits(byteCount: number): boolean {
    return this.#length + byteCount <= this.#bytes.length;
  }

  /** Appends bytes that are few enough to fit. */
  writeBytes(source: Uint8Array): void {
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** Appends a phrase, four bytes at a time: for so few bytes this is several times faster than `set`. */
  writePhrase({ words, byteCount }: Phrase): void {
    let at = this.#length;
    for (const word of words) {
      this.#view.setInt32(at, word, true);
      at += 4;
    }
    this.#length += byteCount;
  }

  /** Appends a safe integer as decimal digits. */
  writeInteger(integer: number): void {
    if (integer < 0) {
      this.#bytes[this.#length] = minus;
      this.#length += 1;
      this.writeInteger(-integer);
    } else if (integer < partSize) {
      this.#writeDigits(integer, countDigits(integer));
    } else {
      const high = Math.floor(integer / partSize);
      this.writeInteger(high);
      this.#writeDigits(integer - high * partSize, partDigits);
    }
  }

  #startChunk(): void {
    // Not zeroed: all that is handed out has been written.
    const memory = Buffer.allocUnsafeSlow(chunkBytes + reserveBytes).buffer;
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#length = 0;
  }

  #writeDigits(part: number, digits: number): void {
    const bytes = this.#bytes;
    const start = this.#length;
    let rest = part | 0;
    for (let at = start + digits - 1; at >= start; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = digitZero + rest - tenth * 10;
      rest = tenth;
    }
    this.#length = start + digits;
  }
}

function countDigits(integer: number): number {
  let digits = 1;
  for (let limit = 10; limit <= integer; limit *= 10) digits += 1;
  return digits;
}
