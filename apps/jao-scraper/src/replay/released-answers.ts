import { failedCheckReason } from '@sluice/schemas';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { readRefusedAttempts } from './recorded-day.ts';
import type { RecordedAttempt } from './recorded-day.ts';
import { roundedMs } from '../store/held-cells.ts';

const releaseRow = z.object({
  quarantineId: z.number(),
  payloadHash: z.instanceof(Buffer).nullable(),
  decidedAtMs: z.number().nullable(),
});

/** An answer that a check refused as a whole, and that a person lets through. */
export interface ReleasedAnswer {
  readonly quarantineId: number;
  /** Its attempt, with the stamp of the decision; null is the one that is under way. */
  readonly attempt: RecordedAttempt;
  /** SHA-256 of the payload that its entry was made of. */
  readonly payloadHash: Buffer | null;
}

/**
 * The attempts of a business day in the order in which their answers became data: `attempts` in theirs,
 * and among them each answer that was released, at its decision. Released is what was refused last before
 * that, since only the last answer can be; those of `releasing`, which are under way, come after all.
 */
export async function withReleasedAnswers(
  db: Queryable,
  { contract, day }: { readonly contract: DatasetContract; readonly day: BusinessDay },
  attempts: readonly RecordedAttempt[],
  releasing: ReadonlySet<number> = new Set(),
): Promise<{
  readonly attempts: readonly RecordedAttempt[];
  readonly released: readonly ReleasedAnswer[];
}> {
  const rows = await db.rows(
    releaseRow,
    `select q.quarantine_id as "quarantineId", a.payload_hash as "payloadHash",
       (extract(epoch from q.decided_at) * 1000)::float8 as "decidedAtMs"
     from ops.quarantine q join ops.attempt a using (attempt_id)
     where q.dataset = $1 and q.business_day = $2 and q.reason = $3 and q.series_key is null
       and q.delivery_start is null and (q.state = 'released' or q.quarantine_id = any($4::bigint[]))
     order by q.decided_at nulls last, q.quarantine_id`,
    [contract.name, day, failedCheckReason, [...releasing]],
  );
  if (rows.length === 0) {
    return { attempts, released: [] };
  }
  const refused = await readRefusedAttempts(db, contract, day);
  const released = rows.flatMap(({ quarantineId, payloadHash, decidedAtMs }): ReleasedAnswer[] => {
    const untilMs = (decidedAtMs ?? Number.POSITIVE_INFINITY) + roundedMs;
    const attempt = refused.findLast(({ endedAtMs }) => endedAtMs <= untilMs);
    return attempt === undefined
      ? []
      : [
          {
            quarantineId,
            payloadHash,
            attempt: { ...attempt, isReleased: true, knownFromMs: decidedAtMs },
          },
        ];
  });
  const stampOf = (attempt: RecordedAttempt): number =>
    attempt.isReleased
      ? (attempt.knownFromMs ?? Number.POSITIVE_INFINITY)
      : attempt.endedAtMs - roundedMs;
  const merged = [...attempts];
  for (const { attempt } of released) {
    const later = merged.findIndex((other) => stampOf(other) > stampOf(attempt));
    merged.splice(later === -1 ? merged.length : later, 0, attempt);
  }
  return { attempts: merged, released };
}

/** Whether the answer that is to be let through is, byte for byte, the one that its entry was made of. */
export function isAnswerOfEntry({ attempt, payloadHash }: ReleasedAnswer): boolean {
  return payloadHash !== null && attempt.payloadHash?.equals(payloadHash) === true;
}
