import { collectCases } from './collect-cases.ts';
import { coverageCases } from './coverage-cases.ts';
import type { JaoCase } from './jao-case.ts';
import { readCases } from './read-cases.ts';
import { scrapeCases } from './scrape-cases.ts';

/** All comparisons of `jao-scraper`, and of who tells of it, in the order they run and are shown. */
export const jaoCases: readonly JaoCase[] = [
  ...collectCases,
  ...readCases,
  ...coverageCases,
  ...scrapeCases,
];
