import { z } from 'zod';

import { controlTotalsSchema } from './run-ledger.ts';

const count = z.int().min(0);

/** The document that `votes-ingest unload --format json` prints. */
export const unloadReportSchema = z.object({
  runId: z.uuid(),
  sha256: z.string(),
  /** The names the content was ingested under. */
  paths: z.array(z.string()),
  /** Rows that were taken out. */
  unloadedRows: count,
  /** Open quarantine entries of the file that were discarded. */
  discardedEntries: count,
  /** Entries that a person had discarded or released: if the file is ingested again, they are open anew, or data. */
  endedDecisions: count,
  /**
   * Files that shared records with it, in the order in which they are to be ingested again to bring
   * those back, with the policy they were ingested by.
   */
  ingestAgain: z.array(
    z.object({
      path: z.string(),
      sha256: z.string(),
      onConflict: z.string(),
      /** Records that the two files have in common, as far as the ledger counted them directly. */
      shared: controlTotalsSchema.pick({ duplicate: true, conflicting: true }),
    }),
  ),
});

/** The document of one unload; see {@link unloadReportSchema}. */
export type UnloadReport = z.infer<typeof unloadReportSchema>;
