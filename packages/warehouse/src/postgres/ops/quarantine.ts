import { quarantineDecisionSchema, quarantineStateSchema } from '@sluice/schemas';
import type { EntryToDecide, QuarantineVerdict } from '@sluice/schemas';
import { z } from 'zod';

import type { PostgresTransaction } from '../postgres-transaction.ts';
import { bumpCounters } from './counters.ts';
import type { CounterStep } from './counters.ts';

/** Enough to see what was wrong; the whole is in the payload. */
const maxRawLength = 4_096;

/** What broke its contract, and where. */
export interface QuarantinedItem {
  /** JSON pointer into the answer of the URL. */
  readonly pointer: string;
  /** The URL whose answer has it. @default that of the source */
  readonly url?: string | undefined;
  /** JSON pointer into the payload that is kept, where it is another one. */
  readonly payloadPointer?: string | undefined;
  /** The key whose cell it is; null for a whole row. */
  readonly seriesKey: string | null;
  readonly deliveryStartMs: number | null;
  readonly reason: string;
  /** The check that held it back. */
  readonly checkId?: string | undefined;
  readonly message: string;
  /** Any text: what Postgres can not store of it is replaced. */
  readonly raw: string;
}

/** Where items come from, all of one answer. */
export interface QuarantineSource {
  readonly runId: string;
  readonly attemptId: number;
  readonly dataset: string;
  readonly businessDay: string | null;
  readonly url: string;
  readonly contractVersion: string;
}

/** Puts items into quarantine, in one statement; gives their number. */
export async function quarantineItems(
  tx: PostgresTransaction,
  source: QuarantineSource,
  items: readonly QuarantinedItem[],
): Promise<number> {
  if (items.length === 0) {
    return 0;
  }
  return tx.run(
    `insert into ops.quarantine
       (run_id, attempt_id, dataset, business_day, contract_version, url, pointer, payload_pointer,
        series_key, delivery_start, reason, message, raw, raw_length, check_id)
     select $1, $2, $3, $4, $5, u.*
       from unnest($6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[],
                   $12::text[], $13::text[], $14::integer[], $15::text[]) as u`,
    [
      source.runId,
      source.attemptId,
      source.dataset,
      source.businessDay,
      source.contractVersion,
      items.map(({ url }) => url ?? source.url),
      items.map(({ pointer }) => storableText(pointer)),
      items.map(({ payloadPointer }) =>
        payloadPointer === undefined ? null : storableText(payloadPointer),
      ),
      items.map(({ seriesKey }) => (seriesKey === null ? null : storableText(seriesKey))),
      items.map(({ deliveryStartMs }) =>
        deliveryStartMs === null ? null : new Date(deliveryStartMs).toISOString(),
      ),
      items.map(({ reason }) => reason),
      items.map(({ message }) => storableText(message)),
      items.map(({ raw }) => storableRaw(raw)),
      items.map(({ raw }) => raw.length),
      items.map(({ checkId }) => checkId ?? null),
    ],
  );
}

/** As much of a raw text as an entry keeps, as Postgres takes it. */
export function storableRaw(raw: string): string {
  return storableText(raw.slice(0, maxRawLength));
}

/** A text that Postgres takes: NUL shown by its symbol, and half a character by U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\u2400').toWellFormed();
}

const lockedRow = z
  .object({
    id: z.int(),
    reasonCode: z.string(),
    state: quarantineStateSchema,
    at: z.date().nullable(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
    runId: z.string().nullable(),
  })
  .transform(({ id, reasonCode, state, at, by, reason, runId }): EntryToDecide => ({
    id,
    reasonCode,
    state,
    decision:
      at === null
        ? undefined
        : quarantineDecisionSchema.parse({ state, at: at.toISOString(), by, reason, runId }),
  }));

/**
 * Locks those of the entries that are there until the transaction ends, and gives what they are then:
 * whoever decides about one of them at the same moment waits, and is told.
 */
export async function lockQuarantined(
  tx: PostgresTransaction,
  ids: readonly number[],
): Promise<EntryToDecide[]> {
  return tx.rows(
    lockedRow,
    `select quarantine_id as id, reason as "reasonCode", state, decided_at as at, decided_by as by,
            decision_reason as reason, decision_run_id as "runId"
       from ops.quarantine where quarantine_id = any($1::bigint[]) order by quarantine_id for update`,
    [ids],
  );
}

/** What is decided, by whom, why, and in which run. */
export interface DecisionToRecord {
  readonly state: QuarantineVerdict;
  readonly by: string;
  readonly reason: string;
  readonly runId: string;
}

/**
 * Decides entries that are locked, and gives how many were open. Counters take part, so that it is to
 * come last in its transaction.
 */
export async function decideQuarantined(
  tx: PostgresTransaction,
  ids: readonly number[],
  decision: DecisionToRecord,
): Promise<number> {
  await countDecisions(tx, ids, decision.state);
  return recordDecision(tx, ids, decision);
}

/** Counts what is to be decided about entries that are locked; those that are decided already are not. */
export async function countDecisions(
  tx: PostgresTransaction,
  ids: readonly number[],
  state: QuarantineVerdict,
): Promise<void> {
  const open = await tx.rows(
    z.object({ dataset: z.string(), reason: z.string(), entries: z.int() }),
    `select dataset, reason, count(*) as entries from ops.quarantine
      where quarantine_id = any($1::bigint[]) and state = 'open' group by dataset, reason`,
    [ids],
  );
  await bumpCounters(
    tx,
    open.map(({ dataset, reason, entries }) => ({
      name: 'sluice_quarantine_decided_total',
      labels: { dataset, reason, state },
      by: entries,
    })),
  );
}

/**
 * Writes a decision about entries that are locked, and gives how many were open; without counting it,
 * see {@link countDecisions}. `at` is when it holds from. @default now, by the clock of the database
 */
export async function recordDecision(
  tx: PostgresTransaction,
  ids: readonly number[],
  { state, by, reason, runId }: DecisionToRecord,
  at?: Date,
): Promise<number> {
  return tx.run(
    `update ops.quarantine
        set state = $2, decided_at = coalesce($6::timestamptz, clock_timestamp()), decided_by = $3,
            decision_reason = $4, decision_run_id = $5
      where quarantine_id = any($1::bigint[]) and state = 'open'`,
    [ids, state, storableText(by), storableText(reason), runId, at ?? null],
  );
}

/** How many entries a run has decided so. */
export async function countDecidedIn(
  tx: PostgresTransaction,
  { runId, state }: Pick<DecisionToRecord, 'runId' | 'state'>,
): Promise<number> {
  const { entries } = await tx.row(
    z.object({ entries: z.int() }),
    'select count(*) as entries from ops.quarantine where decision_run_id = $1 and state = $2',
    [runId, state],
  );
  return entries;
}

/** The counts of entries that were put aside, by reason code. */
export function countsOfQuarantined(
  dataset: string,
  items: readonly Pick<QuarantinedItem, 'reason'>[],
): CounterStep[] {
  return items.map(({ reason }) => ({
    name: 'sluice_quarantined_total',
    labels: { dataset, reason },
    by: 1,
  }));
}
