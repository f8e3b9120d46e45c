import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** A password that was given, and the bcrypt hash of the right one. */
export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/** Tells whether the password is the one of the hash. */
export type ComparePassword = (comparison: Comparison) => Promise<boolean>;

const answerSchema = z.tuple([z.boolean()]);

/**
 * Compares passwords one after the other on a thread of its own, which the first one starts: some 70 ms of CPU
 * each, by design, in which nobody would be answered.
 */
export function comparePasswordsAside(): {
  readonly compare: ComparePassword;
  /** Ends the thread. */
  readonly close: () => Promise<void>;
} {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const compareNow = async (comparison: Comparison): Promise<boolean> => {
    worker ??= startWorker();
    try {
      const answer = once(worker, 'message');
      worker.postMessage(comparison);
      const [isRight] = answerSchema.parse(await answer);
      return isRight;
    } catch (error) {
      // An error ends the thread.
      worker = undefined;
      throw error;
    }
  };
  return {
    compare: (comparison) => {
      const compared = last.then(() => compareNow(comparison));
      last = Promise.allSettled([compared]);
      return compared;
    },
    close: async () => {
      await worker?.terminate();
    },
  };
}

function startWorker(): Worker {
  // Run from source the file beside this one is TypeScript, run from the build it is JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./compare-passwords-worker.${extension}`, import.meta.url));
}
