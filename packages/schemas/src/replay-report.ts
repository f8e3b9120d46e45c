import { z } from 'zod';

const count = z.int().min(0);

/**
 * The document that `votes-ingest quarantine replay --format json` prints:
 * `replayed = accepted + duplicate + conflicting`, in records.
 */
export const replayReportSchema = z.object({
  runId: z.uuid(),
  replayed: count,
  accepted: count,
  duplicate: count,
  conflicting: count,
  /** Entries of ingested files that were looked at, and stay open. */
  stillOpen: count,
});

/** The document of one replay; see {@link replayReportSchema}. */
export type ReplayReport = z.infer<typeof replayReportSchema>;
