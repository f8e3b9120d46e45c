import { collectCases } from './collect-cases.ts';
import { coverageCases } from './coverage-cases.ts';
import type { JaoCase } from './jao-case.ts';
import { readCases } from './read-cases.ts';

/** All comparisons of `jao-scraper`, in the order they run and are shown. */
export const jaoCases: readonly JaoCase[] = [...collectCases, ...readCases, ...coverageCases];
