import { z } from 'zod';

import { runOutcomes } from '../run-ledger.ts';

const count = z.int().min(0);

/** The document that `jao-scraper reparse --format json` prints. */
export const reparseReportSchema = z.object({
  runId: z.uuid(),
  outcome: z.enum(runOutcomes),
  datasets: z.array(
    z.object({
      region: z.string(),
      /** Without its region. */
      dataset: z.string(),
      /** `requested = rebuilt + corrected + unchanged + failed`, always. */
      days: z.object({
        requested: count,
        /** Were empty, and have their versions again, with the stamps of the attempts. */
        rebuilt: count,
        /** Have new versions, stamped now. */
        corrected: count,
        unchanged: count,
        failed: count,
      }),
      /** Versions of cells. */
      versions: z.object({ rebuilt: count, corrected: count }),
      /** Entries that can be read now, and such as are new. */
      quarantine: z.object({ replayed: count, added: count }),
    }),
  ),
  durationMs: z.number().min(0),
  /** The days that could not be made again; with any, the exit code is 3. */
  failures: z
    .array(
      z.object({
        /** `core/maxExchanges` */
        dataset: z.string(),
        businessDay: z.iso.date(),
        message: z.string(),
      }),
    )
    .optional(),
});

/** What a re-reading did; see {@link reparseReportSchema}. */
export type ReparseReport = z.infer<typeof reparseReportSchema>;
