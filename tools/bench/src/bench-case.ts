import type { Work } from './compare-runs.ts';
import type { Limit } from './limit.ts';
import type { ProcessRun } from './run-process.ts';

/** What every case works with. */
export interface CaseContext {
  /** Belongs to the case; is there, and empty. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** One of the two ways that a case compares. */
export interface Side {
  readonly label: string;
  readonly work: Work;
  /** What follows `node` on the timed command line. */
  readonly args: readonly string[];
  /** Added to the environment of the process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Makes everything as it has to be before each run; not timed. */
  readonly prepare: () => Promise<void>;
  /**
   * Makes sure that a run did its work; not timed. What it gives has to be equal for both sides,
   * where both give something.
   *
   * @throws {BenchError} where the work was not done.
   */
  readonly check: (run: ProcessRun) => Promise<unknown>;
  /** What a run says it took, where that is not the time of the process. */
  readonly readSeconds?: (run: ProcessRun) => number;
  /** What a run says of the memory of a process that it started, where that is the one to measure. */
  readonly readPeakBytes?: (run: ProcessRun) => number;
}

/** Both sides of a case. */
export interface Sides {
  readonly a: Side;
  readonly b: Side;
  /** Ends what the sides need while they are measured. */
  readonly close?: () => Promise<void>;
}

/** One comparison of two ways of doing the same work. */
export interface BenchCase<Context extends CaseContext = CaseContext> {
  readonly id: string;
  readonly limits: readonly Limit[];
  /** Compares the time per row: the sides have different sizes. @default false */
  readonly isPerRow?: boolean;
  /** Processes that do next to nothing: more pairs, and no memory is read. @default false */
  readonly isStartOnly?: boolean;
  /** Does what is done once before all runs. */
  readonly setUp: (context: Context) => Promise<Sides>;
}
