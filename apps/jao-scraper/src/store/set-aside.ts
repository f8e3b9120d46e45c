import { closeAttempt, compressPayload, holdClaim, storePayload } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import { describeFailure } from '../source/describe-failure.ts';
import { quarantineNew } from './note-evidence.ts';
import { tellReasons } from './notes-of-answer.ts';
import type { AnswerOfDay } from './write-day.ts';

/**
 * Puts an answer aside in which no row is of the day that was asked for: its rows into quarantine, its
 * bytes with them, its attempts closed as `foreign`. The day is as it was, and its claim still held. May
 * be repeated. Gives what was asked and what was wrong, on one line.
 *
 * @throws {PostgresError} `FENCED` where the claim was taken over: then nothing is put aside.
 */
export async function setAside(db: PostgresDatabase, input: AnswerOfDay): Promise<string> {
  const { table, attemptId } = input;
  const payload = await compressPayload(input.body.bytes, input.body.sha256);
  const error = describeFailure(
    input.url,
    `${table.quarantined.length} rows, and none of them of the day: ${tellReasons(table)}; all are in quarantine`,
  );
  await db.transaction(async (tx) => {
    await holdClaim(tx, input.claim);
    await storePayload(tx, payload, attemptId);
    const entries = await quarantineNew(tx, input, input.table.quarantined);
    for (const partId of input.partAttemptIds) {
      await closeAttempt(tx, { attemptId: partId, outcome: 'foreign', error });
    }
    await closeAttempt(tx, {
      attemptId,
      ...input.request,
      ...table.counts,
      outcome: 'foreign',
      error,
      payloadHash: payload.hash,
      decodedBytes: payload.decodedBytes,
      quarantineEntries: entries.length,
    });
  });
  return error;
}
