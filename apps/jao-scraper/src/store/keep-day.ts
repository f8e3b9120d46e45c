import { dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { closeAttempt, holdClaim, lockQuarantined, releaseClaim } from '@sluice/warehouse/postgres';
import type { Claim, PostgresDatabase, PostgresTransaction } from '@sluice/warehouse/postgres';

import { closeAnswered, isAnswered, readOpenEntries } from './answered-entries.ts';
import { touchDayState } from './day-state.ts';
import type { DayWritten, RequestFacts } from './write-day.ts';

/** An attempt that found a day as it is stored. */
export interface DayToKeep {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly runId: string;
  readonly claim: Claim;
  readonly attemptId: number;
  readonly request: RequestFacts;
  /** SHA-256 of the answer; undefined where there was no body. */
  readonly payloadHash: Uint8Array | undefined;
  readonly outcome: 'unchanged' | 'not_modified';
}

/**
 * Notes that a day is as it was, in one transaction that ends with its attempt closed and its claim
 * let go. No row is added. A day that was empty and is so again is `empty`. An answer that a check refused
 * meanwhile is one that the source did not keep to: its entry of quarantine is closed.
 *
 * @throws {PostgresError} `FENCED` where the claim was taken over.
 */
export async function keepDay(db: PostgresDatabase, input: DayToKeep): Promise<DayWritten> {
  const { contract, datasetId, day, attemptId } = input;
  return db.transaction(async (tx) => {
    await holdClaim(tx, input.claim);
    const kept = await touchDayState(tx, {
      datasetId,
      day,
      attemptId,
      dueAtMs: dueAtMs(contract, day),
    });
    await closeRefused(tx, input, kept.isWhole);
    const { read, duplicate, quarantined } = kept.counts;
    // Its payload said once what is stored, and nothing was stored since.
    const counts = { ...kept.counts, unchanged: read - duplicate - quarantined };
    const outcome = input.outcome === 'unchanged' && kept.isEmpty ? 'empty' : input.outcome;
    await closeAttempt(tx, {
      attemptId,
      ...input.request,
      ...counts,
      outcome,
      payloadHash: input.payloadHash,
    });
    await releaseClaim(tx, input.claim);
    return {
      ...counts,
      outcome,
      added: 0,
      revised: 0,
      withdrawn: 0,
      notes: [],
      hasNewKeys: false,
      newDrift: [],
      isFinished: kept.isFinished,
    };
  });
}

/** Of entries, only a whole answer may have come since the answer that is kept, and is sure of its cells. */
async function closeRefused(
  tx: PostgresTransaction,
  { contract, day, runId }: DayToKeep,
  isWhole: boolean,
): Promise<void> {
  const answer = { table: undefined, isWhole };
  const entries = await readOpenEntries(tx, contract, day);
  const refused = entries.filter((entry) => isAnswered(entry, answer));
  if (refused.length > 0) {
    await lockQuarantined(
      tx,
      refused.map(({ quarantineId }) => quarantineId),
    );
    await closeAnswered(tx, refused, { ...answer, runId });
  }
}
