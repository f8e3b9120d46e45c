import { z } from 'zod';

import {
  failedCheckReason,
  quarantineDecisionSchema,
  quarantineHistorySchema,
  quarantineStateSchema,
} from '../quarantine-model.ts';
import { cellQuarantineReasons } from './day-answer.ts';

const count = z.int().min(0);

/** Why a cell, or a row, is in quarantine: what it breaks of its contract, or a check held it back. */
export const cellEntryReasons = [...cellQuarantineReasons, failedCheckReason] as const;

/**
 * One cell, or row, that is no data, as `jao-scraper quarantine --format json` gives it. Instants are
 * ISO 8601, UTC.
 */
export const quarantinedCellSchema = z.object({
  id: z.int().min(1),
  runId: z.uuid(),
  /** `core/maxExchanges` */
  dataset: z.string(),
  businessDay: z.iso.date().nullable(),
  /** The key whose cell it is; null for a whole row. */
  key: z.string().nullable(),
  /** Null where the row does not say it well. */
  deliveryStart: z.iso.datetime().nullable(),
  reason: z.string(),
  /** The check that held it back. */
  checkId: z.string().optional(),
  message: z.string(),
  /** Its JSON text, cut to 4,096 characters; NUL stands as U+2400. */
  raw: z.string().nullable(),
  /** Of the whole text, in UTF-16 units, also where it was cut. */
  rawLength: count,
  /** What was asked for; of a business day that was asked for in parts, the part that has the place. */
  url: z.string(),
  /** JSON pointer into the answer of that URL. */
  pointer: z.string(),
  attemptId: z.int(),
  contractVersion: z.string(),
  createdAt: z.iso.datetime(),
  state: quarantineStateSchema,
  /** Absent where the state is `open`. */
  decision: quarantineDecisionSchema.optional(),
});

/** One entry of JAO's quarantine; see {@link quarantinedCellSchema}. */
export type QuarantinedCell = z.infer<typeof quarantinedCellSchema>;

/** The document that `jao-scraper quarantine show --format json` prints. */
export const quarantinedCellDetailSchema = quarantinedCellSchema.extend({
  attempt: z.object({
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    outcome: z.string(),
    httpStatus: z.int().nullable(),
    /** SHA-256 of the answer, in hex. */
    payloadSha256: z.string().nullable(),
  }),
  /** The row that it stands in, and the cells of its key before and after it; null without payload. */
  context: z
    .object({
      dateTimeUtc: z.string().nullable(),
      /** JSON text of the row, cut. */
      row: z.string(),
      before: z.string().nullable(),
      after: z.string().nullable(),
    })
    .nullable(),
  /** The newest stored version of its cell; null where there is none. */
  stored: z
    .object({
      value: z.number().nullable(),
      withdrawn: z.boolean(),
      knownFrom: z.iso.datetime(),
    })
    .nullable(),
  history: quarantineHistorySchema,
});

/** One entry, with all that is known of it; see {@link quarantinedCellDetailSchema}. */
export type QuarantinedCellDetail = z.infer<typeof quarantinedCellDetailSchema>;

/** The document that `jao-scraper quarantine replay --format json` prints. */
export const cellReplayReportSchema = z.object({
  runId: z.uuid(),
  outcome: z.enum(['succeeded', 'failed']),
  /** Business days whose payloads were read again: a day is replayed as a whole. */
  days: count,
  /** Open entries of the choice. */
  tried: count,
  /** Those of them that the contract of today can read. */
  replayed: count,
  stillOpen: count,
  /** Entries of those days beyond the choice that could be read, too. */
  alsoReplayed: count,
  /** Entries that the payloads have by the contract of today, and had not before. */
  added: count,
  /** Versions of cells that were stored. */
  versions: count,
  /** Days that could not be read again; with any, the exit code is 3. */
  failures: z
    .array(z.object({ dataset: z.string(), businessDay: z.iso.date(), message: z.string() }))
    .optional(),
});

/** What a replay did; see {@link cellReplayReportSchema}. */
export type CellReplayReport = z.infer<typeof cellReplayReportSchema>;
