import { statSync } from 'node:fs';

import { WorkerThread } from './worker-thread.ts';

/** What was read of a file, to its end. */
export interface HashedFile {
  /** In hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * The SHA-256 of a large file that is read on a thread of its own, from the beginning, before anybody
 * knows whether it is needed.
 */
export class AheadHash {
  readonly #path: string;
  /** As it was before the first byte was read; undefined where it was not there. */
  readonly #stateBefore: string | undefined;
  readonly #thread: WorkerThread;
  #hashed: HashedFile | undefined;

  /** Begins at once. Nothing is thrown here: who reads the file will meet the same failure. */
  constructor(path: string) {
    this.#path = path;
    this.#stateBefore = stateOf(path);
    this.#thread = new WorkerThread('ahead-hash-worker', import.meta.url, (message) => {
      // It is what ahead-hash-worker.ts posts.
      this.#hashed = message as HashedFile;
    });
    this.#thread.post(path);
  }

  /**
   * The hash of this file; undefined where it is another one, could not be read, or was touched
   * since: the warehouse may have been waited for.
   *
   * @throws the reason of `signal` once it is aborted.
   */
  async of(path: string, signal: AbortSignal): Promise<HashedFile | undefined> {
    if (path !== this.#path) {
      return undefined;
    }
    signal.throwIfAborted();
    const stop = (): void => {
      this.#thread.fail(signal.reason);
    };
    signal.addEventListener('abort', stop);
    try {
      await this.#thread.waitUntil(() => this.#hashed !== undefined);
    } catch {
      signal.throwIfAborted();
      return undefined;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    const isUntouched = this.#stateBefore !== undefined && stateOf(path) === this.#stateBefore;
    return isUntouched ? this.#hashed : undefined;
  }

  /** Ends the thread, whatever it does. */
  end(): void {
    this.#thread.end();
  }
}

/** Which file it is, and when it was last touched. */
function stateOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}
