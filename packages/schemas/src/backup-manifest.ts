import { z } from 'zod';

import { warehouseContentsSchema } from './warehouse-status.ts';

/**
 * `manifest.json` of a backup: what the folder holds, so that it can be checked without trust. Also
 * the document that `votes-ingest backup --format json` prints. A reader ignores members it does
 * not know; `manifestVersion` rises only when a member changes its meaning or goes.
 */
export const backupManifestSchema = z.object({
  manifestVersion: z.literal(1),
  dataset: z.literal('votes'),
  createdAt: z.iso.datetime(),
  appVersion: z.string(),
  contractVersion: z.string(),
  /** The database's name inside the folder. */
  file: z.literal('warehouse.db'),
  bytes: z.int().min(1),
  /** SHA-256 of the database, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  contents: warehouseContentsSchema,
});

/** The manifest of a backup; see {@link backupManifestSchema}. */
export type BackupManifest = z.infer<typeof backupManifestSchema>;

/** The document that `votes-ingest restore --format json` prints. */
export const restoreReportSchema = z.object({
  runId: z.uuid(),
  warehouse: z.string(),
  backup: backupManifestSchema,
  /** Where the files of the warehouse that stood there before were kept. */
  replaced: z.array(z.string()),
});

/** The document of one restore; see {@link restoreReportSchema}. */
export type RestoreReport = z.infer<typeof restoreReportSchema>;
