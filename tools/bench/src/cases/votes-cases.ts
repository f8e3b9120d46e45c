import type { BenchCase } from '../bench-case.ts';
import { commandCases } from './command-cases.ts';
import { growthCases } from './growth-cases.ts';
import { loadCases } from './load-cases.ts';

/** All comparisons of `votes-ingest`, in the order they run and are shown. */
export const votesCases: readonly BenchCase[] = [...loadCases, ...commandCases, ...growthCases];
