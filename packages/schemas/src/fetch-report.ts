import { z } from 'zod';

/** The document that `votes-ingest fetch --format json` prints. */
export const fetchReportSchema = z.object({
  /** The URL without its query and fragment. */
  url: z.string(),
  /** The files that are there now, by their absolute paths: the download, or what it held. */
  files: z.array(z.object({ path: z.string(), bytes: z.int().min(0) })),
  /** Size of the downloaded file. */
  bytes: z.int().min(0),
  /** SHA-256 of the downloaded file, in hex. */
  sha256: z.string(),
  /** Bytes that an earlier call had left. */
  resumedFromBytes: z.int().min(0),
  /** Whether `files` is what an archive held. */
  unpacked: z.boolean(),
});

/** What was fetched; see {@link fetchReportSchema}. */
export type FetchReport = z.infer<typeof fetchReportSchema>;
