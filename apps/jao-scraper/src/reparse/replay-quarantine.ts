import { failedCheckReason } from '@sluice/schemas';
import type { BusinessDay, DatasetContract, QuarantinedPart } from '@sluice/schemas/jao';
import {
  bumpCounters,
  countsOfQuarantined,
  decideQuarantined,
  quarantineItems,
} from '@sluice/warehouse/postgres';
import type { CounterStep, PostgresTransaction } from '@sluice/warehouse/postgres';

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

/** Brings the quarantine of a day, whose open entries are locked, to what its payloads have, as they are read now. */
export async function replayQuarantine(
  tx: PostgresTransaction,
  {
    contract,
    day,
    runId,
    by,
    found,
  }: {
    readonly contract: DatasetContract;
    readonly day: BusinessDay;
    readonly runId: string;
    readonly by: string;
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
  const ids = readable.map(({ quarantineId }) => quarantineId);
  const replayed = await decideQuarantined(tx, ids, {
    state: 'replayed',
    by,
    reason: `the payload has it no more by contract ${contract.contractVersion}`,
    runId,
  });
  // What a contract could read once it may fail to read again; what a check held back is told by its entry.
  const standing = entries.filter(
    ({ state, reason }) => state !== 'replayed' || reason === failedCheckReason,
  );
  const known = new Set(standing.map(markOfEntry));
  const counts: CounterStep[] = [];
  let added = 0;
  for (const { attempt, parts } of found) {
    const fresh = parts.filter((part) => !known.has(markOfPart(part)));
    fresh.forEach((part) => known.add(markOfPart(part)));
    const items = fresh.map(({ key, ...part }) => ({ ...part, seriesKey: key }));
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
      items,
    );
    counts.push(...countsOfQuarantined(contract.name, items));
  }
  await bumpCounters(tx, counts);
  return { replayed, added };
}
