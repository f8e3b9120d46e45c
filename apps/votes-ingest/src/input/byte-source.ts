import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { createSha256 } from './sha256.ts';
import type { Sha256 } from './sha256.ts';

/** Bytes that are read once, from the first to the last. */
export interface ByteSource {
  /** Writes the next bytes to the front of `target` and gives their number; 0 is the end. */
  read(target: Uint8Array): Promise<number>;
}

const drainBytes = 4 * 1024 * 1024;

/** Standard input, as an argument. */
export const standardInput = '-';

/**
 * A file, or standard input, that is hashed while it is read: whoever reads it to its end knows
 * the SHA-256 of exactly the bytes that went through.
 */
export class HashedInput implements ByteSource {
  readonly #handle: FileHandle;
  readonly #hash: Sha256;
  #bytesRead = 0;
  #isAtEnd = false;
  /** Only a regular file has a size that is known before it is read. */
  readonly sizeBytes: number | undefined;

  private constructor(handle: FileHandle, sizeBytes: number | undefined) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
    this.#hash = createSha256(sizeBytes);
  }

  static async open(path: string): Promise<HashedInput> {
    const handle = await open(path === standardInput ? '/dev/stdin' : path, 'r');
    const stats = await handle.stat();
    return new HashedInput(handle, stats.isFile() ? stats.size : undefined);
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Whether all of it was read, so that its hash is that of the whole. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /**
   * See {@link ByteSource}. What was read is hashed behind the caller's back: two pieces of memory
   * must be used in turn.
   */
  async read(target: Uint8Array): Promise<number> {
    const { bytesRead } = await this.#handle.read(target, 0, target.length, null);
    this.#isAtEnd = bytesRead === 0;
    if (bytesRead > 0) {
      this.#bytesRead += bytesRead;
      await this.#hash.update(target.subarray(0, bytesRead));
    }
    return bytesRead;
  }

  /** Reads and hashes what is left. */
  async drain(signal: AbortSignal): Promise<void> {
    let current = Buffer.from(new SharedArrayBuffer(drainBytes));
    let other = Buffer.from(new SharedArrayBuffer(drainBytes));
    while ((await this.read(current)) > 0) {
      signal.throwIfAborted();
      [current, other] = [other, current];
    }
  }

  /** SHA-256 of all bytes read, in hex; ends the hashing. */
  async sha256(): Promise<string> {
    return this.#hash.digest();
  }

  async close(): Promise<void> {
    this.#hash.abandon();
    await this.#handle.close();
  }
}

/** A source whose first bytes were read already. */
export class PrefixedSource implements ByteSource {
  #prefix: Uint8Array;
  readonly #rest: ByteSource;

  constructor(prefix: Uint8Array, rest: ByteSource) {
    this.#prefix = prefix;
    this.#rest = rest;
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#prefix.length === 0) {
      return this.#rest.read(target);
    }
    const count = Math.min(this.#prefix.length, target.length);
    target.set(this.#prefix.subarray(0, count));
    this.#prefix = this.#prefix.subarray(count);
    return count;
  }
}
