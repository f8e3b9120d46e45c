import { z } from 'zod';

import { checkActions } from './expectations/severity.ts';

/** How a run ended: `abandoned` is a run whose process died without saying so. */
export const runOutcomes = ['running', 'succeeded', 'failed', 'abandoned'] as const;

/** A member of {@link runOutcomes}. */
export type RunOutcome = (typeof runOutcomes)[number];

/**
 * What became of one file in one run: `refused` left nothing but its ledger entry and its
 * quarantine; `unloaded` was ingested and taken out again later.
 */
export const fileOutcomes = ['ingested', 'already_ingested', 'refused', 'unloaded'] as const;

/** A member of {@link fileOutcomes}. */
export type FileOutcome = (typeof fileOutcomes)[number];

const count = z.int().min(0);

/**
 * The control totals of a file, a run or a warehouse, in records:
 * `read = accepted + duplicate + conflicting + quarantined + refused`, always.
 */
export const controlTotalsSchema = z.object({
  read: count,
  accepted: count,
  duplicate: count,
  conflicting: count,
  quarantined: count,
  refused: count,
});

/** Control totals; see {@link controlTotalsSchema}. */
export type ControlTotals = z.infer<typeof controlTotalsSchema>;

/** The names of the control totals, in the order they are shown. */
export const controlTotalNames = [
  'read',
  'accepted',
  'duplicate',
  'conflicting',
  'quarantined',
  'refused',
] as const satisfies readonly (keyof ControlTotals)[];

/** Control totals of nothing. */
export const zeroTotals: ControlTotals = {
  read: 0,
  accepted: 0,
  duplicate: 0,
  conflicting: 0,
  quarantined: 0,
  refused: 0,
};

/** The sums of control totals, name by name. */
export function addTotals(left: ControlTotals, right: ControlTotals): ControlTotals {
  return {
    read: left.read + right.read,
    accepted: left.accepted + right.accepted,
    duplicate: left.duplicate + right.duplicate,
    conflicting: left.conflicting + right.conflicting,
    quarantined: left.quarantined + right.quarantined,
    refused: left.refused + right.refused,
  };
}

/** Whether every record that was read is accounted for exactly once. */
export function totalsAreBalanced(totals: ControlTotals): boolean {
  return (
    totals.read ===
    totals.accepted + totals.duplicate + totals.conflicting + totals.quarantined + totals.refused
  );
}

/** Schema drift: something the contract does not know, how often it was seen, and that it was kept. */
export const driftSchema = z.object({
  kind: z.enum(['unknown_field', 'unknown_vote_type']),
  /** The field's name, or the vote type. */
  value: z.string(),
  count,
});

/** Schema drift; see {@link driftSchema}. */
export type Drift = z.infer<typeof driftSchema>;

/** One file of a run, as `votes-ingest ingest --format json` and the status file give it. */
export const fileReportSchema = controlTotalsSchema.extend({
  /** As it was named on the command line, or found in a folder; `-` is standard input. */
  path: z.string(),
  /** SHA-256 of the stored bytes, in hex; null where they could not be read to their end. */
  sha256: z.string().nullable(),
  /** Stored bytes that were read. */
  bytes: count,
  outcome: z.enum(fileOutcomes),
  /** Why it was refused. */
  error: z.string().optional(),
});

/** One file of a run; see {@link fileReportSchema}. */
export type FileReport = z.infer<typeof fileReportSchema>;

/** A check that a file of a run did not pass: above a threshold, or it could not be evaluated. */
export const fileCheckSchema = z.object({
  path: z.string(),
  checkId: z.string(),
  outcome: z.enum(['warned', 'failed', 'error']),
  /** What was done about it; null where it could not be evaluated. */
  action: z.enum(checkActions).nullable(),
  /** How many rows failed it, where it is about rows. */
  failing: count.nullable(),
  /** What was found, and what was expected. */
  message: z.string(),
  expected: z.string(),
});

/** A check that a file did not pass; see {@link fileCheckSchema}. */
export type FileCheck = z.infer<typeof fileCheckSchema>;

/** The document that `votes-ingest ingest --format json` prints. */
export const ingestReportSchema = z.object({
  runId: z.uuid(),
  dataset: z.literal('votes'),
  /** `succeeded` exactly when the exit code is 0. */
  outcome: z.enum(['succeeded', 'failed']),
  files: z.array(fileReportSchema),
  totals: controlTotalsSchema,
  drift: z.array(driftSchema),
  /** File by file, what did not pass. */
  checks: z.array(fileCheckSchema),
  durationMs: count,
  /** What stopped the run before its last file, if anything did. */
  error: z.string().optional(),
});

/** The document of one ingest; see {@link ingestReportSchema}. */
export type IngestReport = z.infer<typeof ingestReportSchema>;

/** One run of the ledger, newest first where there are several; instants are ISO 8601, UTC. */
export const runReportSchema = z.object({
  runId: z.uuid(),
  command: z.string(),
  outcome: z.enum(runOutcomes),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  appVersion: z.string(),
  contractVersion: z.string(),
  error: z.string().nullable(),
  totals: controlTotalsSchema,
  files: z.array(fileReportSchema),
  drift: z.array(driftSchema),
  /** How many more files and kinds of drift the ledger has of the run; absent where these are all. */
  leftOut: z.object({ files: count, drift: count }).optional(),
});

/** One run of the ledger; see {@link runReportSchema}. */
export type RunReport = z.infer<typeof runReportSchema>;
