import { attemptOutcomes, attemptOutcomeSchema, isSuccess } from '@sluice/schemas/jao';
import type { AttemptOutcome, BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';
import { epochMs } from '../store/epoch-ms.ts';

/** Such as a reading of their payload may make something of: successes, and what was put aside. */
const readable = attemptOutcomes.filter((outcome) => isSuccess(outcome) || outcome === 'foreign');

/** A request for a business day that was answered with rows or none, as it is on record. Instants are in epoch milliseconds. */
export interface RecordedAttempt {
  readonly attemptId: number;
  /** A check refused its answer as a whole, and a person let it through: it is data from `knownFromMs` on. */
  readonly isReleased: boolean;
  readonly outcome: AttemptOutcome;
  readonly url: string;
  readonly endedAtMs: number;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** SHA-256 of its payload; null for HTTP 304, and for a part of a day that was asked for in parts. */
  readonly payloadHash: Buffer | null;
  readonly contractVersion: string;
  readonly etag: string | null;
  /** The stamp of what it stored; null where that was nothing, and of a release that is under way. */
  readonly knownFromMs: number | null;
  readonly read: number;
  readonly added: number;
  readonly revised: number;
  readonly withdrawn: number;
  readonly unchanged: number;
  readonly duplicate: number;
  readonly quarantined: number;
}

const attemptRow: z.ZodType<RecordedAttempt> = z.object({
  attemptId: z.number(),
  isReleased: z.literal(false),
  outcome: attemptOutcomeSchema,
  url: z.string(),
  endedAtMs: z.number(),
  windowStartMs: z.number(),
  windowEndMs: z.number(),
  payloadHash: z.instanceof(Buffer).nullable(),
  contractVersion: z.string(),
  etag: z.string().nullable(),
  knownFromMs: z.number().nullable(),
  read: z.number(),
  added: z.number(),
  revised: z.number(),
  withdrawn: z.number(),
  unchanged: z.number(),
  duplicate: z.number(),
  quarantined: z.number(),
});

/**
 * The attempts of a business day that were successful or `foreign`, in the order in which they stored: a
 * day has one claim, so its attempts come one after the other.
 */
export async function readAttempts(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<readonly RecordedAttempt[]> {
  return readWithOutcomes(db, contract, day, readable);
}

/** The attempts of a business day whose answers checks refused as a whole, in their order; their payloads are kept. */
export async function readRefusedAttempts(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<readonly RecordedAttempt[]> {
  const attempts = await readWithOutcomes(db, contract, day, ['failed_check']);
  return attempts.filter(({ payloadHash }) => payloadHash !== null);
}

async function readWithOutcomes(
  db: Queryable,
  contract: DatasetContract,
  day: BusinessDay,
  outcomes: readonly AttemptOutcome[],
): Promise<readonly RecordedAttempt[]> {
  return db.rows(
    attemptRow,
    `select attempt_id as "attemptId", false as "isReleased", outcome, url, ${epochMs('ended_at')} as "endedAtMs",
       ${epochMs('window_start')} as "windowStartMs", ${epochMs('window_end')} as "windowEndMs",
       payload_hash as "payloadHash", contract_version as "contractVersion", etag,
       ${epochMs('known_from')} as "knownFromMs", read, added, revised, withdrawn,
       unchanged, duplicate, quarantined
     from ops.attempt
     where dataset = $1 and business_day = $2 and outcome = any($3::text[])
     order by attempt_id`,
    [contract.name, day, outcomes],
  );
}
