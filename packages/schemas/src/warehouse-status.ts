import { z } from 'zod';

import { arrivalStatusSchema } from './arrivals/votes-coverage.ts';
import { qualityResultSchema } from './expectations/quality-result.ts';
import { quarantineCountsSchema } from './quarantine-model.ts';
import { controlTotalsSchema, fileOutcomes, runReportSchema } from './run-ledger.ts';

const count = z.int().min(0);

/**
 * What a status file holds at most. Its writer leaves out what is beyond, so that a reader, for whom a file
 * can be hostile, may refuse what has more.
 */
export const warehouseStatusLimits = {
  /**
   * As it is stored. All files of all runs take 400 bytes each besides their paths and why they were
   * refused; this leaves 800 for those, and for the checks.
   */
  sizeBytes: 6 * 2 ** 20,
  /** The newest. */
  runs: 50,
  /** The first. */
  filesPerRun: 100,
  /** The most frequent. */
  driftPerRun: 100,
  /** Two results for each check of a suite that has dozens. */
  checks: 1000,
  /** Expected files that are not there: the oldest. */
  missingFiles: 100,
  /** The contract of votes has a dozen; each is a series. */
  reasons: 100,
} as const;

/** A check that ran over the whole warehouse. */
export const checkResultSchema = z.object({
  id: z.string(),
  outcome: z.enum(['passed', 'failed']),
  /** What was found, in words with numbers. */
  message: z.string(),
});

/** The result of one check; see {@link checkResultSchema}. */
export type CheckResult = z.infer<typeof checkResultSchema>;

/**
 * What a warehouse holds, counted. `rows + unloadedRows`, `runs` and `files` never fall, so a
 * warehouse with less than it once had has lost committed work.
 */
export const warehouseContentsSchema = z.object({
  rows: count,
  unloadedRows: count,
  runs: count,
  files: count,
  conflicts: count,
});

/** What a warehouse holds, counted; see {@link warehouseContentsSchema}. */
export type WarehouseContents = z.infer<typeof warehouseContentsSchema>;

/**
 * What `<warehouse>.status.json` says of a DuckDB warehouse after each run: the contract between
 * `votes-ingest`, which writes it, and everything that must not open the live file. Instants are
 * ISO 8601, UTC. A reader ignores members it does not know; `schemaVersion` rises only when a
 * member changes its meaning or goes.
 */
export const warehouseStatusSchema = z.object({
  schemaVersion: z.literal(1),
  dataset: z.literal('votes'),
  writtenAt: z.iso.datetime(),
  appVersion: z.string(),
  contractVersion: z.string(),
  warehouse: z.object({ file: z.string(), sizeBytes: count }),
  /** What the warehouse held when this was written. */
  contents: warehouseContentsSchema,
  /** Sums over all files ever ingested or refused. */
  totals: controlTotalsSchema,
  runsByOutcome: z.object({ succeeded: count, failed: count, abandoned: count }),
  filesByOutcome: z.record(z.enum(fileOutcomes), count),
  openQuarantine: z.object({
    entries: count,
    oldestAt: z.iso.datetime().nullable(),
    /** By reason code; a reader ignores those it does not know. */
    byReason: z.record(z.string(), count),
  }),
  /** All entries there ever were, by reason and state. */
  quarantine: quarantineCountsSchema.optional(),
  freshness: z.object({
    /** The latest `CreationDate` in the table. */
    newestVoteAt: z.string().nullable(),
    lastSucceededAt: z.iso.datetime().nullable(),
  }),
  checks: z.array(checkResultSchema),
  /**
   * The newest result of each check: one of the whole table (`scope` is null), and one of a file, which is
   * the worst of the newest run that has any. Absent in files that were written before there were checks.
   */
  quality: z.array(qualityResultSchema.omit({ failingKeys: true })).optional(),
  /** How many more results there are, none of them worse; absent where these are all. */
  qualityLeftOut: z.int().min(1).optional(),
  /** Expected files, as of when this was written; absent where none are configured. */
  arrivals: arrivalStatusSchema.optional(),
  /** The newest runs, newest first, within {@link warehouseStatusLimits}. */
  runs: z.array(runReportSchema),
});

/** The status of a warehouse; see {@link warehouseStatusSchema}. */
export type WarehouseStatus = z.infer<typeof warehouseStatusSchema>;
