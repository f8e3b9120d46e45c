import { failedCheckReason } from '@sluice/schemas';
import type { BusinessDay, DatasetContract, QuarantinedPart } from '@sluice/schemas/jao';
import {
  bumpCounters,
  countDecisions,
  countsOfQuarantined,
  quarantineItems,
  recordDecision,
} from '@sluice/warehouse/postgres';
import type { CounterStep, PostgresTransaction } from '@sluice/warehouse/postgres';

import { markOfEntry, markOfPart } from '../replay/quarantine-mark.ts';
import type { RecordedAttempt } from '../replay/recorded-day.ts';
import { readQuarantine } from '../replay/stored-record.ts';
import type { QuarantineEntry } from '../replay/stored-record.ts';
import { answeredReason, isWholeAnswer } from '../store/answered-entries.ts';
import type { AnsweredParts } from './answered-parts.ts';

/** What the payload of an attempt has in quarantine, as it is read now. */
export interface QuarantineOfAttempt {
  readonly attempt: RecordedAttempt;
  readonly parts: readonly QuarantinedPart[];
}

/** Entries that became data, as they can be read now or a later answer has their cell, and such as are new. */
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
    releasing = new Set(),
    found,
    answered,
  }: {
    readonly contract: DatasetContract;
    readonly day: BusinessDay;
    readonly runId: string;
    readonly by: string;
    /** Entries that are decided otherwise in this transaction. @default none */
    readonly releasing?: ReadonlySet<number> | undefined;
    readonly found: readonly QuarantineOfAttempt[];
    readonly answered: AnsweredParts;
  },
): Promise<QuarantineReplayed> {
  const entries = await readQuarantine(tx, contract, day);
  const marks = new Map(
    found.map(({ attempt, parts }) => [attempt.attemptId, new Set(parts.map(markOfPart))]),
  );
  // A whole answer that a check refused is no part of its payload.
  const isWhole = ({ seriesKey: key, deliveryStartMs, reason }: QuarantineEntry): boolean =>
    isWholeAnswer({ key, deliveryStartMs, reason });
  const readable = entries.filter(
    (entry) =>
      entry.state === 'open' &&
      !isWhole(entry) &&
      !releasing.has(entry.quarantineId) &&
      marks.get(entry.attemptId)?.has(markOfEntry(entry)) === false,
  );
  // What a contract could read once it may fail to read again; what a check held back, or a later answer
  // has, is told by its entry.
  const standing = entries.filter(
    (entry) =>
      entry.state !== 'replayed' || entry.reason === failedCheckReason || answered.has(entry),
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
  const readableIds = readable.map(({ quarantineId }) => quarantineId);
  const nowOpen = added === 0 ? entries : await readQuarantine(tx, contract, day);
  const answeredIds = nowOpen
    .filter(
      (entry) =>
        entry.state === 'open' && !releasing.has(entry.quarantineId) && answered.has(entry),
    )
    .map(({ quarantineId }) => quarantineId)
    .filter((id) => !readableIds.includes(id));
  await countDecisions(tx, [...readableIds, ...answeredIds], 'replayed');
  const decision = { state: 'replayed', by, runId } as const;
  const replayed =
    (await recordDecision(tx, readableIds, {
      ...decision,
      reason: `the payload has it no more by contract ${contract.contractVersion}`,
    })) + (await recordDecision(tx, answeredIds, { ...decision, reason: answeredReason }));
  await bumpCounters(tx, counts);
  return { replayed, added };
}
