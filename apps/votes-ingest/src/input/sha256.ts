import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** From this size on, a thread of its own for the hash saves more than it takes to start. */
const workerFromBytes = 32 * 1024 * 1024;

/** A SHA-256 over bytes that come piece by piece. */
export interface Sha256 {
  /**
   * Adds bytes, which must stay as they are until the promise of the next but one call is given:
   * they may still be read from another thread.
   */
  update(bytes: Uint8Array): Promise<void>;
  /** The hash of all of them, in hex; ends the hashing. */
  digest(): Promise<string>;
  /** Ends the hashing without a result. */
  abandon(): void;
}

/** A hasher for about so many bytes: on this thread, or on one of its own for many. */
export function createSha256(expectedBytes: number | undefined): Sha256 {
  return expectedBytes === undefined || expectedBytes < workerFromBytes
    ? new InlineSha256()
    : new ThreadedSha256();
}

class InlineSha256 implements Sha256 {
  readonly #hash = createHash('sha256');

  update(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    return Promise.resolve();
  }

  digest(): Promise<string> {
    return Promise.resolve(this.#hash.digest('hex'));
  }

  abandon(): void {
    this.#hash.destroy();
  }
}

const replySchema = z.union([z.object({ updated: z.int() }), z.object({ sha256: z.string() })]);

/** Hashes on a thread of its own; memory that is shared is not copied. */
class ThreadedSha256 implements Sha256 {
  readonly #worker: Worker;
  #sent = 0;
  #done = 0;
  #sha256: string | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor() {
    // Run from source the file beside this one is TypeScript, run from the build it is JavaScript.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./sha256-worker.${extension}`, import.meta.url));
    this.#worker.on('message', (message: unknown) => {
      const reply = replySchema.parse(message);
      if ('sha256' in reply) {
        this.#sha256 = reply.sha256;
      } else {
        this.#done = reply.updated;
      }
      this.#wake?.();
    });
    this.#worker.on('error', (error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#wake?.();
    });
  }

  async update(bytes: Uint8Array): Promise<void> {
    this.#worker.postMessage(bytes);
    this.#sent += 1;
    await this.#waitUntil(() => this.#sent - this.#done <= 1);
  }

  async digest(): Promise<string> {
    this.#worker.postMessage(null);
    await this.#waitUntil(() => this.#sha256 !== undefined);
    return this.#sha256 ?? '';
  }

  abandon(): void {
    void this.#worker.terminate();
  }

  async #waitUntil(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      if (this.#failure !== undefined) {
        throw this.#failure;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
