import {
  entryReasonSchema,
  keptBytesOfLongLine,
  quarantineDecisionSchema,
  quarantineStateSchema,
} from '@sluice/schemas';
import type { EntryReason, QuarantineState } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** Which entries; what is absent does not matter. */
export interface EntryFilter {
  /** @default those that are open */
  readonly states?: readonly QuarantineState[] | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly runId?: string | undefined;
  readonly reasonCode?: EntryReason | undefined;
  readonly checkId?: string | undefined;
  /** A file's path, the end of one from a folder on, or its SHA-256. */
  readonly file?: string | undefined;
  readonly fileId?: number | undefined;
  /** Put aside then or later. */
  readonly since?: Date | undefined;
}

/** DuckDB's client drops a byte order mark from the front of a text, so this one comes as bytes. */
const exactText = z
  .instanceof(Uint8Array)
  .transform((bytes) => Buffer.from(bytes).toString('utf8'));

const instant = z.date().transform((at) => at.toISOString());

const entryRowSchema = z
  .object({
    id: z.int(),
    runId: z.string(),
    file: z.string(),
    line: z.int(),
    reason: entryReasonSchema,
    checkId: z.string().nullable(),
    message: z.string(),
    raw: exactText.nullable(),
    rawBase64: z.string().nullable(),
    rawBytes: z.int(),
    rawSha256: z.string().nullable(),
    contractVersion: z.string(),
    createdAt: instant,
    state: quarantineStateSchema,
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    decisionReason: z.string().nullable(),
    decisionRunId: z.string().nullable(),
  })
  .transform(({ decidedAt, decidedBy, decisionReason, decisionRunId, ...entry }) => ({
    ...entry,
    decision:
      decidedAt === null
        ? undefined
        : quarantineDecisionSchema.parse({
            state: entry.state,
            at: decidedAt,
            by: decidedBy,
            reason: decisionReason,
            runId: decisionRunId,
          }),
  }));

/** A quarantine entry, as the warehouse holds it. */
export type EntryRow = z.infer<typeof entryRowSchema>;

/** How much raw text is in memory at once; one line more may be, and a line is 1 MiB at most. */
const pageBytes = 4 * 1024 * 1024;
/** What an entry takes besides its raw text: so a page has 20,000 entries at most. */
const entryBytes = 200;

/** Holds of an `entry` that {@link filterValues} chooses. */
const matches = `
  list_contains(string_split($1, ','), entry.state)
  and ($2::varchar is null or entry.run_id = $2::uuid)
  and ($3::varchar is null or entry.reason = $3)
  and ($4::integer is null or entry.file_id = $4::integer)
  and ($5::varchar is null or entry.check_id = $5)
  and ($6::varchar is null or entry.file_id in (
        select file_id from ops.file
         where path = $6 or ends_with(path, '/' || $6) or sha256 = lower($6)))
  and ($7::timestamptz is null or entry.created_at >= $7::timestamptz)
  and ($8::varchar is null or entry.id in (
        select unnest(string_split($8, ','))::bigint))`;

/** The entries, in the order of their ids, page by page: 1 M of them need some megabytes. */
export async function* readEntries(
  warehouse: DuckDbWarehouse,
  filter: EntryFilter,
): AsyncGenerator<EntryRow[]> {
  const values = filterValues(filter);
  const pages = await warehouse.rows(
    z.object({ first: z.int(), last: z.int() }),
    `select min(id) as first, max(id) as last
       from (select id, sum(if(raw_sha256 is null, raw_bytes, ${keptBytesOfLongLine}) + ${entryBytes})
                          over (order by id) // ${pageBytes} as page
               from ops.quarantine as entry where ${matches})
      group by page order by page`,
    values,
  );
  for (const { first, last } of pages) {
    yield await warehouse.rows(
      entryRowSchema,
      `select id, entry.run_id::varchar as runId, path as file, line, reason, check_id as checkId,
              message, encode(raw) as raw, raw_base64 as rawBase64, raw_bytes as rawBytes,
              raw_sha256 as rawSha256, contract_version as contractVersion,
              created_at as createdAt, state, decided_at as decidedAt, decided_by as decidedBy,
              decision_reason as decisionReason, decision_run_id::varchar as decisionRunId
         from ops.quarantine as entry join ops.file using (file_id)
        where id between $9::bigint and $10::bigint and ${matches} order by id`,
      [...values, BigInt(first), BigInt(last)],
    );
  }
}

/** How many entries there are. */
export async function countEntries(
  warehouse: DuckDbWarehouse,
  filter: EntryFilter,
): Promise<number> {
  const { entries } = await warehouse.row(
    z.object({ entries: z.int() }),
    `select count(*) as entries from ops.quarantine as entry where ${matches}`,
    filterValues(filter),
  );
  return entries;
}

/** The files that the entries are of, each with the first of its entries. */
export async function readFilesOfEntries(
  warehouse: DuckDbWarehouse,
  filter: EntryFilter,
): Promise<{ readonly fileId: number; readonly firstId: number }[]> {
  return warehouse.rows(
    z.object({ fileId: z.int(), firstId: z.int() }),
    `select file_id as fileId, min(id) as firstId from ops.quarantine as entry
      where ${matches} group by file_id order by file_id`,
    filterValues(filter),
  );
}

/**
 * Decides the open entries of a filter, in the transaction at hand, and gives how many those were.
 * What was decided before stays as it is.
 */
export async function decideEntries(
  warehouse: DuckDbWarehouse,
  filter: EntryFilter,
  decision: {
    readonly state: Exclude<QuarantineState, 'open'>;
    readonly by: string;
    readonly reason: string;
    readonly runId: string;
  },
): Promise<number> {
  const open = { ...filter, states: ['open'] } as const;
  const entries = await countEntries(warehouse, open);
  await warehouse.run(
    `update ops.quarantine as entry
        set state = $9, decided_at = now(), decided_by = $10, decision_reason = $11,
            decision_run_id = $12::uuid
      where ${matches}`,
    [...filterValues(open), decision.state, decision.by, decision.reason, decision.runId],
  );
  return entries;
}

function filterValues(filter: EntryFilter): (string | number | null)[] {
  const { states = ['open'], since } = filter;
  return [
    states.join(','),
    filter.runId ?? null,
    filter.reasonCode ?? null,
    filter.fileId ?? null,
    filter.checkId ?? null,
    filter.file ?? null,
    since?.toISOString() ?? null,
    filter.ids?.join(',') ?? null,
  ];
}
