import { z } from 'zod';

import { checkActions, checkOutcomes } from './severity.ts';

const count = z.int().min(0);

/** What names a failing row, or what is missing: names and values; times as ISO 8601 text. */
export const rowKeySchema = z.record(
  z.string(),
  z.union([z.null(), z.boolean(), z.number(), z.bigint(), z.string()]),
);

/** See {@link rowKeySchema}. */
export type RowKey = z.infer<typeof rowKeySchema>;

/** The result of one check in one run, as it is kept in `ops.check_result`. */
export const qualityResultSchema = z.object({
  resultId: z.uuid(),
  runId: z.uuid(),
  dataset: z.string(),
  /** `schema.table` */
  relation: z.string(),
  /** Which of its rows were looked at, as `"FileId" = 12`; null for all of them. */
  scope: z.string().nullable(),
  /** The days that those rows are about, both included; null where they are not told by days. */
  period: z.object({ from: z.iso.date(), to: z.iso.date() }).nullable(),
  checkId: z.string(),
  kind: z.string(),
  /** SHA-256 of the canonical declaration, in hex: another one is another check of the same name. */
  fingerprint: z.string(),
  outcome: z.enum(checkOutcomes),
  /** Which of its thresholds was crossed. */
  severity: z.enum(['warn', 'error']).nullable(),
  /** What is to be done now; null where nothing failed. `refuse` also where that check could not be evaluated. */
  action: z.enum(checkActions).nullable(),
  /** What was found, and what was expected, in words with numbers. */
  observed: z.string().nullable(),
  expected: z.string(),
  /** What was found as a number, where it is one: what a trend is drawn of. */
  value: z.number().nullable(),
  /** Rows, or slots, or columns: how many were tested, and how many of them failed. */
  tested: count.nullable(),
  failing: count.nullable(),
  message: z.string(),
  durationMs: z.number().min(0),
  /** ISO 8601, UTC. */
  checkedAt: z.iso.datetime(),
  /** Of failing rows the first ones, by key. */
  failingKeys: z.array(rowKeySchema),
});

/** The result of one check; see {@link qualityResultSchema}. */
export type QualityResult = z.infer<typeof qualityResultSchema>;
