import { dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, StepMinutes } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import type { DayReplay } from '../replay/day-replay.ts';
import { hashCells } from '../store/judge-lacking.ts';

/** What a day is by its payloads, and what is stored of it. */
export interface DayToRestore {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly replay: DayReplay;
  readonly cells: number;
  /** The day's step, in minutes; undefined where it is the contract's. */
  readonly step: StepMinutes | undefined;
  readonly firstKnownFromMs: number | undefined;
  readonly lastKnownFromMs: number | undefined;
}

/** Writes a business day's state as its attempts leave it, read by the contract of today. */
export async function restoreDayState(
  tx: PostgresTransaction,
  { contract, datasetId, day, replay, ...stored }: DayToRestore,
): Promise<void> {
  const { state, isWhole, doubt, lastAttempt, payloadOf, payloadCounts } = replay;
  if (lastAttempt === undefined) {
    return;
  }
  const isFinished =
    isWhole && doubt === undefined && lastAttempt.endedAtMs > dueAtMs(contract, day);
  const doubtful = doubt?.cells.toSorted(
    (left, right) =>
      (left.key < right.key ? -1 : left.key > right.key ? 1 : 0) ||
      left.deliveryStartMs - right.deliveryStartMs,
  );
  await tx.run(
    `insert into jao.dataset_day as d (dataset_id, business_day, state, finished, cells, attempt_id, asked_at,
       first_answered_at, payload_hash, contract_version, etag, key_set_id, first_known_from, last_known_from,
       doubt_hash, doubt_since, whole, read, duplicate, quarantined, step, step_known_from)
     values ($1, $2, $3, $4, $5, $6, $7,
       (select min(ended_at) from jao.attempt
        where name = $15 and business_day = $2 and succeeded and ended_at > $16),
       $8, $9, $10,
       (select key_set_id from jao.day_key_set where dataset_id = $1 and business_day = $2
        order by known_from desc limit 1),
       $11, $12, $13, $14, $17, $18, $19, $20, make_interval(mins => $21),
       case when $21::int is not null then $12::timestamptz end)
     on conflict (dataset_id, business_day) do update set
       state = excluded.state, finished = excluded.finished, cells = excluded.cells,
       attempt_id = excluded.attempt_id, asked_at = excluded.asked_at,
       first_answered_at = excluded.first_answered_at, payload_hash = excluded.payload_hash,
       contract_version = excluded.contract_version, etag = excluded.etag, key_set_id = excluded.key_set_id,
       first_known_from = excluded.first_known_from, last_known_from = excluded.last_known_from,
       doubt_hash = excluded.doubt_hash, doubt_since = excluded.doubt_since, whole = excluded.whole,
       read = excluded.read, duplicate = excluded.duplicate, quarantined = excluded.quarantined,
       step = excluded.step, step_known_from = excluded.step_known_from`,
    [
      datasetId,
      day,
      state,
      isFinished,
      stored.cells,
      lastAttempt.attemptId,
      new Date(lastAttempt.endedAtMs),
      payloadOf?.payloadHash ?? null,
      payloadOf === undefined ? null : contract.contractVersion,
      payloadOf?.etag ?? null,
      dateOf(stored.firstKnownFromMs),
      dateOf(stored.lastKnownFromMs),
      doubtful === undefined ? null : hashCells(doubtful),
      dateOf(doubt?.sinceMs),
      contract.name,
      new Date(dueAtMs(contract, day)),
      isWhole,
      payloadCounts.read,
      payloadCounts.duplicate,
      payloadCounts.quarantined,
      stored.step ?? null,
    ],
  );
}

function dateOf(instantMs: number | undefined): Date | null {
  return instantMs === undefined ? null : new Date(instantMs);
}
