import type { Work } from './compare-runs.ts';
import type { Limit } from './limit.ts';
import type { ProcessRun } from './run-process.ts';
import type { VotesFileOptions, VotesFiles } from './votes-files.ts';

/** How large the inputs are, in rows. */
export interface Sizes {
  /** Of all cases but those of growth. */
  readonly rows: number;
  /** Of the larger and the smaller file of the cases of growth. */
  readonly largeRows: number;
  readonly smallRows: number;
}

/** What a case works with. */
export interface CaseContext {
  readonly sizes: Sizes;
  /** Belongs to the case; is there, and empty. */
  readonly folder: string;
  readonly files: VotesFiles;
  readonly signal: AbortSignal;
}

/** One of the two ways that a case compares. */
export interface Side {
  readonly label: string;
  readonly work: Work;
  /** What follows `node` on the timed command line. */
  readonly args: readonly string[];
  /** Makes everything as it has to be before each run; not timed. */
  readonly prepare: () => Promise<void>;
  /**
   * Makes sure that a run did its work; not timed. What it gives has to be equal for both sides,
   * where both give something.
   *
   * @throws {BenchError} where the work was not done.
   */
  readonly check: (run: ProcessRun) => Promise<unknown>;
}

/** Both sides of a case. */
export interface Sides {
  readonly a: Side;
  readonly b: Side;
}

/** One comparison of two ways of doing the same work. */
export interface BenchCase {
  readonly id: string;
  readonly limits: readonly Limit[];
  /** Compares the time per row: the sides have different sizes. @default false */
  readonly isPerRow?: boolean;
  /** Processes that do next to nothing: more pairs, and no memory is read. @default false */
  readonly isStartOnly?: boolean;
  /** The files it reads; each is there from `setUp` on. */
  readonly files: (sizes: Sizes) => readonly VotesFileOptions[];
  /** Does what is done once before all runs. */
  readonly setUp: (context: CaseContext) => Promise<Sides>;
}
