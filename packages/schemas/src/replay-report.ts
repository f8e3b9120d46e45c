import { z } from 'zod';

import { fileCheckSchema } from './run-ledger.ts';

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
  /** File by file, what the files do not pass as they would be with what is replayed. */
  checks: z.array(fileCheckSchema),
});

/** The document of one replay; see {@link replayReportSchema}. */
export type ReplayReport = z.infer<typeof replayReportSchema>;
