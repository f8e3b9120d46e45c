import { z } from 'zod';

import { quarantineReasonSchema, quarantineStates } from './reason-code.ts';

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
  reason: quarantineReasonSchema,
  message: z.string(),
  raw: z.string().optional(),
  rawBase64: z.base64().optional(),
  rawBytes: z.int().min(0),
  rawSha256: z.string().optional(),
  contractVersion: z.string(),
  state: z.enum(quarantineStates),
});

/** One quarantine entry; see {@link quarantineEntrySchema}. */
export type QuarantineEntry = z.infer<typeof quarantineEntrySchema>;
