import { createHash } from 'node:crypto';
import { z } from 'zod';

import { isWorthThreads, WorkerThread } from './worker-thread.ts';

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
  return isWorthThreads(expectedBytes) ? new ThreadedSha256() : new InlineSha256();
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
  readonly #thread: WorkerThread;
  #sent = 0;
  #done = 0;
  #sha256: string | undefined;

  constructor() {
    this.#thread = new WorkerThread('sha256-worker', import.meta.url, (message) => {
      const reply = replySchema.parse(message);
      if ('sha256' in reply) {
        this.#sha256 = reply.sha256;
      } else {
        this.#done = reply.updated;
      }
    });
  }

  async update(bytes: Uint8Array): Promise<void> {
    this.#thread.post(bytes);
    this.#sent += 1;
    await this.#thread.waitUntil(() => this.#sent - this.#done <= 1);
  }

  async digest(): Promise<string> {
    this.#thread.post(null);
    await this.#thread.waitUntil(() => this.#sha256 !== undefined);
    return this.#sha256 ?? '';
  }

  abandon(): void {
    this.#thread.end();
  }
}
