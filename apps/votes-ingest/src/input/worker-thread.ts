import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';

/** From this size on, what a thread of its own saves is more than what it takes to start. */
const worthwhileBytes = 32 * 1024 * 1024;

/** Whether an input is large enough for threads; of one whose size is not known nobody can tell. */
export function isWorthThreads(sizeBytes: number | undefined): boolean {
  return sizeBytes !== undefined && sizeBytes >= worthwhileBytes;
}

/** A thread of its own that runs a file of ours, and what it says. */
export class WorkerThread {
  readonly #worker: Worker;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /**
   * `file` is the name of a file beside the module `from`, without its ending. What `onMessage` throws,
   * or the thread, is thrown to whoever waits.
   */
  constructor(file: string, from: string, onMessage: (message: unknown) => void) {
    // Run from source the file is TypeScript, run from the build it is JavaScript.
    const extension = from.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./${file}.${extension}`, from), { env: environment() });
    this.#worker.on('message', (message: unknown) => {
      try {
        onMessage(message);
      } catch (cause) {
        this.fail(cause);
      }
      this.#wake?.();
    });
    this.#worker.on('error', (cause: unknown) => {
      this.fail(cause);
    });
  }

  post(message: unknown, transferred: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, transferred);
  }

  /** Waits until what the thread says has made it so. */
  async waitUntil(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      if (this.#failure !== undefined) {
        throw this.#failure;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Throws this to whoever waits. */
  fail(cause: unknown): void {
    this.#failure ??= cause instanceof Error ? cause : new Error(String(cause));
    this.#wake?.();
  }

  /** Ends the thread, whatever it does. */
  end(): void {
    void this.#worker.terminate();
  }
}

/** Compiled code is kept for this thread, if it is, and not for others unless they are told where. */
function environment(): Readonly<Record<string, string>> {
  // It is a folder of this version of Node within the one that was asked for.
  const ofThisVersion = getCompileCacheDir();
  return ofThisVersion === undefined ? {} : { NODE_COMPILE_CACHE: dirname(ofThisVersion) };
}
