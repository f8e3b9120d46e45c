import type { BusinessDay, DatasetContract, QuarantinedPart } from '@sluice/schemas/jao';
import { quarantineItems } from '@sluice/warehouse/postgres';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import { markOfEntry, markOfPart } from '../replay/quarantine-mark.ts';
import type { RecordedAttempt } from '../replay/recorded-day.ts';
import { readQuarantine } from '../replay/stored-record.ts';

/** What the payload of an attempt has in quarantine, as it is read now. */
export interface QuarantineOfAttempt {
  readonly attempt: RecordedAttempt;
  readonly parts: readonly QuarantinedPart[];
}

/** Entries that can be read now, and such as are new. */
export interface QuarantineReplayed {
  readonly replayed: number;
  readonly added: number;
}

/** Brings the quarantine of a day to what its payloads have, as they are read now. */
export async function replayQuarantine(
  tx: PostgresTransaction,
  {
    contract,
    day,
    runId,
    found,
  }: {
    readonly contract: DatasetContract;
    readonly day: BusinessDay;
    readonly runId: string;
    readonly found: readonly QuarantineOfAttempt[];
  },
): Promise<QuarantineReplayed> {
  const entries = await readQuarantine(tx, contract, day);
  const marks = new Map(
    found.map(({ attempt, parts }) => [attempt.attemptId, new Set(parts.map(markOfPart))]),
  );
  const readable = entries.filter(
    (entry) =>
      entry.state === 'open' && marks.get(entry.attemptId)?.has(markOfEntry(entry)) === false,
  );
  if (readable.length > 0) {
    await tx.run(
      `update ops.quarantine set state = 'replayed', decided_at = clock_timestamp(),
         decided_by = 'jao-scraper reparse', decision_reason = $2
       where quarantine_id = any($1::bigint[])`,
      [
        readable.map(({ quarantineId }) => quarantineId),
        `the payload has it no more by contract ${contract.contractVersion}`,
      ],
    );
  }
  const known = new Set(entries.filter(({ state }) => state !== 'replayed').map(markOfEntry));
  let added = 0;
  for (const { attempt, parts } of found) {
    const fresh = parts.filter((part) => !known.has(markOfPart(part)));
    fresh.forEach((part) => known.add(markOfPart(part)));
    added += await quarantineItems(
      tx,
      {
        runId,
        attemptId: attempt.attemptId,
        dataset: contract.name,
        businessDay: day,
        url: attempt.url,
        contractVersion: contract.contractVersion,
      },
      fresh.map(({ key, ...part }) => ({ ...part, seriesKey: key })),
    );
  }
  return { replayed: readable.length, added };
}
