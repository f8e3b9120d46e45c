import { quarantineDecisionSchema, quarantineStateSchema } from '@sluice/schemas';
import type { QuarantinedCell } from '@sluice/schemas/jao';
import type { PostgresTransaction, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { EntryFilter } from './entry-filter.ts';

const instant = z.date().transform((at) => at.toISOString());

const entryRow = z
  .object({
    id: z.int(),
    runId: z.string(),
    dataset: z.string(),
    businessDay: z.string().nullable(),
    key: z.string().nullable(),
    deliveryStart: instant.nullable(),
    reason: z.string(),
    checkId: z.string().nullable(),
    message: z.string(),
    raw: z.string().nullable(),
    rawLength: z.int(),
    url: z.string(),
    pointer: z.string(),
    attemptId: z.int(),
    contractVersion: z.string(),
    createdAt: instant,
    state: quarantineStateSchema,
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    decisionReason: z.string().nullable(),
    decisionRunId: z.string().nullable(),
  })
  .transform(
    ({
      decidedAt,
      decidedBy,
      decisionReason,
      decisionRunId,
      checkId,
      ...entry
    }): QuarantinedCell => ({
      ...entry,
      ...(checkId === null ? {} : { checkId }),
      ...(decidedAt === null
        ? {}
        : {
            decision: quarantineDecisionSchema.parse({
              state: entry.state,
              at: decidedAt,
              by: decidedBy,
              reason: decisionReason,
              runId: decisionRunId,
            }),
          }),
    }),
  );

const columns = `q.quarantine_id as id, q.run_id as "runId", q.name as dataset,
  q.business_day as "businessDay", q.key, q.delivery_start as "deliveryStart", q.reason,
  q.check_id as "checkId", q.message, q.raw, q.raw_length as "rawLength", q.url, q.pointer,
  q.attempt_id as "attemptId", q.contract_version as "contractVersion", q.created_at as "createdAt",
  q.state, q.decided_at as "decidedAt", q.decided_by as "decidedBy",
  q.decision_reason as "decisionReason", q.decision_run_id as "decisionRunId"`;

/** Holds of a `q` that {@link filterValues} chooses. */
const matches = `
  q.state = any($1::text[])
  and ($2::text[] is null or q.name = any($2))
  and ($3::date is null or q.business_day >= $3)
  and ($4::date is null or q.business_day <= $4)
  and ($5::text[] is null or q.key = any($5))
  and ($6::uuid is null or q.run_id = $6)
  and ($7::text is null or q.reason = $7)
  and ($8::text is null or q.check_id = $8)
  and ($9::timestamptz is null or q.created_at >= $9)
  and ($10::bigint[] is null or q.quarantine_id = any($10))`;

/** The entries of a filter, in the order of their ids, batch by batch; with the rights of a reader. */
export function streamEntries(
  tx: PostgresTransaction,
  filter: EntryFilter,
): AsyncGenerator<QuarantinedCell[]> {
  return tx.stream(
    entryRow,
    `select ${columns} from jao.quarantined_cell q where ${matches} order by q.quarantine_id`,
    filterValues(filter),
  );
}

/** One entry; undefined where there is none. */
export async function readEntry(db: Queryable, id: number): Promise<QuarantinedCell | undefined> {
  const [entry] = await db.rows(
    entryRow,
    `select ${columns} from jao.quarantined_cell q where q.quarantine_id = $1`,
    [id],
  );
  return entry;
}

const chosenRow = z.object({
  id: z.int(),
  dataset: z.string(),
  businessDay: z.string().nullable(),
  key: z.string().nullable(),
  deliveryStart: z.date().nullable(),
});

/** What a choice of entries is about. */
export type ChosenEntry = z.infer<typeof chosenRow>;

/** The entries of a filter by id, with their cells. */
export async function readChosen(db: Queryable, filter: EntryFilter): Promise<ChosenEntry[]> {
  return db.rows(
    chosenRow,
    `select q.quarantine_id as id, q.name as dataset, q.business_day as "businessDay", q.key,
            q.delivery_start as "deliveryStart"
       from jao.quarantined_cell q where ${matches} order by q.quarantine_id`,
    filterValues(filter),
  );
}

function filterValues(filter: EntryFilter): unknown[] {
  return [
    [...filter.states],
    filter.datasets === undefined ? null : [...filter.datasets],
    filter.from ?? null,
    filter.to ?? null,
    filter.keys === undefined ? null : [...filter.keys],
    filter.runId ?? null,
    filter.reasonCode ?? null,
    filter.checkId ?? null,
    filter.since ?? null,
    filter.ids ?? null,
  ];
}
