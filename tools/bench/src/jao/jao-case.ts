import type { BusinessDay } from '@sluice/schemas/jao';

import type { BenchCase, CaseContext } from '../bench-case.ts';
import type { CopiedRows } from './copied-rows.ts';
import type { CoverageStore } from './coverage-store.ts';
import type { ScrapeStore } from './scrape-store.ts';
import type { VersionStore } from './version-store.ts';

/** The newest business day that the simulator has, and every history ends with. */
export const lastDay = '2026-11-20';
/** From the first business day of core/maxExchanges, 2022-06-09, to {@link lastDay}. */
export const allDays = 1626;

/** Business days, both ends included. */
export interface Period {
  readonly from: BusinessDay;
  readonly to: BusinessDay;
  readonly days: number;
}

/** How much is collected, and read from. */
export interface JaoSizes {
  /** Business days of the history: the newest ones. */
  readonly days: number;
  /** Stored versions that queries run on. */
  readonly versions: number;
  /** Cells of a year that coverage is told of. */
  readonly cells: number;
  /** Attempts on the ledger that an exporter tells of. */
  readonly attempts: number;
}

/** What the cases about JAO share; each is made when it is first asked for. */
export interface JaoInputs {
  readonly sizes: JaoSizes;
  /** The URL of a simulator, with all days built ahead. */
  readonly serviceUrl: () => Promise<string>;
  /** The rows that the scraper stores of a period, as files for COPY. */
  readonly copiedRows: (period: Period) => Promise<CopiedRows>;
  /** A database with so many versions of each cell. */
  readonly versionStore: (versionsPerCell: number) => Promise<VersionStore>;
  /** A database with a year of hourly series, some of whose days have a hole. */
  readonly coverageStore: () => Promise<CoverageStore>;
  /** A database with so many attempts, for an exporter. */
  readonly scrapeStore: (attempts: number) => Promise<ScrapeStore>;
}

/** What a case about JAO works with. */
export interface JaoContext extends CaseContext, JaoInputs {}

/** A case about JAO. */
export type JaoCase = BenchCase<JaoContext>;
