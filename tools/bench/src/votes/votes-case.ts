import type { BenchCase, CaseContext } from '../bench-case.ts';
import type { VotesFileOptions, VotesFiles } from './votes-files.ts';

/** How large the inputs are, in rows. */
export interface VotesSizes {
  /** Of all cases but those of growth. */
  readonly rows: number;
  /** Of the larger and the smaller file of the cases of growth. */
  readonly largeRows: number;
  readonly smallRows: number;
}

/** What a case about votes works with. */
export interface VotesContext extends CaseContext {
  readonly sizes: VotesSizes;
  readonly files: VotesFiles;
}

/** A case about votes. */
export interface VotesCase extends BenchCase<VotesContext> {
  /** The files it reads; each is there from `setUp` on. */
  readonly files: (sizes: VotesSizes) => readonly VotesFileOptions[];
}
