import { checkCases } from './check-cases.ts';
import { commandCases } from './command-cases.ts';
import { growthCases } from './growth-cases.ts';
import { loadCases } from './load-cases.ts';
import type { VotesCase } from './votes-case.ts';

/** All comparisons of `votes-ingest`, in the order they run and are shown. */
export const votesCases: readonly VotesCase[] = [
  ...loadCases,
  ...commandCases,
  ...checkCases,
  ...growthCases,
];
