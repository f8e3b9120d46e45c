import { z } from 'zod';

import {
  quarantineDecisionSchema,
  quarantineHistorySchema,
  quarantineStateSchema,
} from './quarantine-model.ts';
import { entryReasonSchema } from './reason-code.ts';

/**
 * One record that was not loaded, as `votes-ingest quarantine --format json` gives it. `line`
 * counts every line of the file from 1, blank ones too. `raw` is the line without its line end;
 * where it is no UTF-8, `rawBase64` has its bytes. A line that is too long is cut to its first
 * 64 KiB, and `rawBytes` and `rawSha256` speak of all of it.
 */
export const quarantineEntrySchema = z.object({
  id: z.int().min(1),
  runId: z.uuid(),
  file: z.string(),
  line: z.int().min(1),
  reason: entryReasonSchema,
  /** The check that held it back. */
  checkId: z.string().optional(),
  message: z.string(),
  raw: z.string().optional(),
  rawBase64: z.base64().optional(),
  rawBytes: z.int().min(0),
  rawSha256: z.string().optional(),
  contractVersion: z.string(),
  /** When it was put aside. */
  createdAt: z.iso.datetime(),
  state: quarantineStateSchema,
  /** Absent where the state is `open`. */
  decision: quarantineDecisionSchema.optional(),
});

/** One quarantine entry; see {@link quarantineEntrySchema}. */
export type QuarantineEntry = z.infer<typeof quarantineEntrySchema>;

/** The document that `votes-ingest quarantine show --format json` prints. */
export const quarantineDetailSchema = quarantineEntrySchema.extend({
  fileSha256: z.string().nullable(),
  /** What became of the file: `ingested`, `refused`, `unloaded`. */
  fileOutcome: z.string(),
  history: quarantineHistorySchema,
});

/** One quarantine entry, with all that is known of it; see {@link quarantineDetailSchema}. */
export type QuarantineDetail = z.infer<typeof quarantineDetailSchema>;
