import { failedCheckReason } from '@sluice/schemas';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { storableRaw } from '@sluice/warehouse/postgres';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { readRefusedAttempts } from './recorded-day.ts';
import type { RecordedAttempt } from './recorded-day.ts';
import { roundedMs } from '../store/held-cells.ts';

const releaseRow = z.object({
  quarantineId: z.number(),
  raw: z.string().nullable(),
  decidedAtMs: z.number().nullable(),
});

/** An answer that a check refused as a whole, and that a person lets through. */
export interface ReleasedAnswer {
  readonly quarantineId: number;
  /** Its attempt, with the stamp of the decision; null is the one that is under way. */
  readonly attempt: RecordedAttempt;
  /** What its entry keeps of it. */
  readonly raw: string | null;
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
    `select quarantine_id as "quarantineId", raw,
       (extract(epoch from decided_at) * 1000)::float8 as "decidedAtMs"
     from ops.quarantine
     where dataset = $1 and business_day = $2 and reason = $3 and series_key is null and delivery_start is null
       and (state = 'released' or quarantine_id = any($4::bigint[]))
     order by decided_at nulls last, quarantine_id`,
    [contract.name, day, failedCheckReason, [...releasing]],
  );
  if (rows.length === 0) {
    return { attempts, released: [] };
  }
  const refused = await readRefusedAttempts(db, contract, day);
  const released = rows.flatMap(({ quarantineId, raw, decidedAtMs }): ReleasedAnswer[] => {
    const untilMs = (decidedAtMs ?? Number.POSITIVE_INFINITY) + roundedMs;
    const attempt = refused.findLast(({ endedAtMs }) => endedAtMs <= untilMs);
    return attempt === undefined
      ? []
      : [
          {
            quarantineId,
            raw,
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

/** Whether the bytes of an answer are those that an entry was made of, as far as it keeps them. */
export function isAnswerOf({ raw }: Pick<ReleasedAnswer, 'raw'>, bytes: Uint8Array): boolean {
  return storableRaw(new TextDecoder().decode(bytes)) === raw;
}
