import { openPath, openStandardInput } from './raw-bytes.ts';
import type { OpenedInput, RawBytes } from './raw-bytes.ts';
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

/** How an input is read. */
export interface HashedInputOptions {
  /** Once it is aborted, reading fails, also where it waits for a writer. */
  readonly signal: AbortSignal;
  /** Whether a large input is hashed on this thread too. @default false, on a thread of its own */
  readonly hashesHere?: boolean;
}

/**
 * A file, or standard input, that is hashed while it is read: whoever reads it to its end knows
 * the SHA-256 of exactly the bytes that went through.
 */
export class HashedInput implements ByteSource {
  readonly #bytes: RawBytes;
  readonly #hashesHere: boolean;
  /** Once there is something to hash. */
  #hash: Sha256 | undefined;
  readonly #signal: AbortSignal;
  #bytesRead = 0;
  #isAtEnd = false;
  /** Only a regular file that was named has a size that is known before it is read. */
  readonly sizeBytes: number | undefined;

  private constructor(
    { bytes, sizeBytes }: OpenedInput,
    { signal, hashesHere }: Required<HashedInputOptions>,
  ) {
    this.#bytes = bytes;
    this.sizeBytes = sizeBytes;
    this.#signal = signal;
    this.#hashesHere = hashesHere;
  }

  static async open(
    path: string,
    { signal, hashesHere = false }: HashedInputOptions,
  ): Promise<HashedInput> {
    const opened =
      path === standardInput ? openStandardInput(signal) : await openPath(path, signal);
    return new HashedInput(opened, { signal, hashesHere });
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
    this.#signal.throwIfAborted();
    const bytesRead = await this.#bytes.read(target);
    this.#isAtEnd = bytesRead === 0;
    if (bytesRead > 0) {
      this.#bytesRead += bytesRead;
      await this.#startedHash().update(target.subarray(0, bytesRead));
    }
    return bytesRead;
  }

  /** Reads and hashes what is left. */
  async drain(): Promise<void> {
    let current = Buffer.from(new SharedArrayBuffer(drainBytes));
    let other = Buffer.from(new SharedArrayBuffer(drainBytes));
    while ((await this.read(current)) > 0) {
      [current, other] = [other, current];
    }
  }

  /** Waits no longer for a writer: a read that does fails, and so does every later one. */
  stopWaiting(): void {
    this.#bytes.stopWaiting();
  }

  /** SHA-256 of all bytes read, in hex; ends the hashing. */
  async sha256(): Promise<string> {
    return this.#startedHash().digest();
  }

  async close(): Promise<void> {
    this.#hash?.abandon();
    await this.#bytes.close();
  }

  #startedHash(): Sha256 {
    this.#hash ??= createSha256(this.#hashesHere ? undefined : this.sizeBytes);
    return this.#hash;
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
