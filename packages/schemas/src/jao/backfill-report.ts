import { z } from 'zod';

import { runOutcomes } from '../run-ledger.ts';
import { attemptOutcomeSchema } from './attempt-outcome.ts';

const count = z.int().min(0);

/**
 * Business days of one dataset that a run came to: `requested = stored + unchanged + empty + failed +
 * skipped`, always. What a run that was stopped did not come to is in no count, but in `notes`.
 */
const daysSchema = z
  .object({
    requested: count,
    stored: count,
    /** Answered, and nothing stored by it: also what an answer lacked that a second one decides on. */
    unchanged: count,
    empty: count,
    failed: count,
    /** Finished before the run. */
    skipped: count,
  })
  .refine(
    ({ requested, stored, unchanged, empty, failed, skipped }) =>
      requested === stored + unchanged + empty + failed + skipped,
    { error: 'requested must be stored + unchanged + empty + failed + skipped' },
  );

/** The document that `jao-scraper backfill --format json` prints. */
export const backfillReportSchema = z.object({
  runId: z.uuid(),
  outcome: z.enum(runOutcomes),
  datasets: z.array(
    z.object({
      region: z.string(),
      /** Without its region. */
      dataset: z.string(),
      days: daysSchema,
      /** In cells: one series × one delivery period. */
      observations: z.object({
        added: count,
        revised: count,
        withdrawn: count,
        unchanged: count,
        /** Of every answer, also of those that were put aside. */
        quarantined: count,
      }),
    }),
  ),
  requests: count,
  retries: count,
  durationMs: z.number().min(0),
  /** Milliseconds of it for which the service wanted to be left alone; absent where it did not. */
  pausedMs: z.number().min(0).optional(),
  /** The days that could not be fetched; with any, the exit code is 3. */
  failures: z
    .array(
      z.object({
        /** `core/maxExchanges` */
        dataset: z.string(),
        businessDay: z.iso.date(),
        outcome: attemptOutcomeSchema,
        /** What was asked, by the URL that names the window, and what happened. */
        message: z.string(),
        /** What to do. */
        advice: z.string().optional(),
      }),
    )
    .optional(),
  /** What a person may look at: what is in quarantine, what answers lacked, what was not come to. */
  notes: z
    .array(
      z.object({
        dataset: z.string(),
        /** Of one day, where it is one. */
        businessDay: z.iso.date().optional(),
        message: z.string(),
      }),
    )
    .optional(),
});

/** What a backfill did; see {@link backfillReportSchema}. */
export type BackfillReport = z.infer<typeof backfillReportSchema>;
