import { z } from 'zod';

const count = z.int().min(0);

/** A week as `blog_analysis.outlier_weeks` numbers it: not an ISO week. */
const weekSchema = z.object({
  year: z.int(),
  /** 0 to 53: weeks start on Monday, days before the year's first Monday are week 0. */
  week: z.int().min(0).max(53),
});

/** The document that `votes-ingest profile --format json` prints. Days and weeks are in UTC. */
export const profileReportSchema = z.object({
  rows: count,
  /** What DuckDB's SUMMARIZE finds, in the order of the columns; null where there are no values. */
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      min: z.string().nullable(),
      max: z.string().nullable(),
      /** An estimate, by HyperLogLog. */
      approximateDistinct: count,
      average: z.string().nullable(),
      standardDeviation: z.string().nullable(),
      /** Quartiles are estimates. */
      q25: z.string().nullable(),
      q50: z.string().nullable(),
      q75: z.string().nullable(),
      /** 0 to 100, of all rows. */
      nullPercentage: z.number().min(0).max(100).nullable(),
    }),
  ),
  days: z.object({
    first: z.iso.date().nullable(),
    last: z.iso.date().nullable(),
    /** Days with votes. */
    observed: count,
    /** Days without votes between the first and the last. */
    missing: count,
  }),
  weeks: z.object({
    first: weekSchema.nullable(),
    last: weekSchema.nullable(),
    /** Weeks with votes. */
    observed: count,
    /** The gaps between the first week and the last, in order, each with both its ends. */
    missing: z.array(z.object({ first: weekSchema, last: weekSchema, weeks: count })),
  }),
  /** By id. `name` is null where the source does not document the type. */
  voteTypes: z.array(z.object({ id: z.int(), name: z.string().nullable(), votes: count })),
});

/** The profile of a warehouse; see {@link profileReportSchema}. */
export type ProfileReport = z.infer<typeof profileReportSchema>;
