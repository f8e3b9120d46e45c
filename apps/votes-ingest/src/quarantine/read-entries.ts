import { keptBytesOfLongLine, quarantineReasonSchema, quarantineStates } from '@sluice/schemas';
import type { QuarantineReason } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** Which open entries; what is absent does not matter. */
export interface EntryFilter {
  readonly runId?: string | undefined;
  readonly reason?: QuarantineReason | undefined;
  readonly fileId?: number | undefined;
}

/** DuckDB's client drops a byte order mark from the front of a text, so this one comes as bytes. */
const exactText = z
  .instanceof(Uint8Array)
  .transform((bytes) => Buffer.from(bytes).toString('utf8'));

const entryRowSchema = z.object({
  id: z.int(),
  runId: z.string(),
  file: z.string(),
  line: z.int(),
  reason: quarantineReasonSchema,
  message: z.string(),
  raw: exactText.nullable(),
  rawBase64: z.string().nullable(),
  rawBytes: z.int(),
  rawSha256: z.string().nullable(),
  contractVersion: z.string(),
  state: z.enum(quarantineStates),
});

/** A quarantine entry, as the warehouse holds it. */
export type EntryRow = z.infer<typeof entryRowSchema>;

/** How much raw text is in memory at once; one line more may be, and a line is 1 MiB at most. */
const pageBytes = 4 * 1024 * 1024;
/** What an entry takes besides its raw text: so a page has 20,000 entries at most. */
const entryBytes = 200;

const matches = `
  entry.state = 'open'
  and ($1::varchar is null or entry.run_id = $1::uuid)
  and ($2::varchar is null or entry.reason = $2)
  and ($3::integer is null or entry.file_id = $3::integer)`;

/** The open entries, in the order of their ids, page by page: 1 M of them need some megabytes. */
export async function* readOpenEntries(
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
      `select id, entry.run_id::varchar as runId, path as file, line, reason, message, encode(raw) as raw,
              raw_base64 as rawBase64, raw_bytes as rawBytes, raw_sha256 as rawSha256,
              contract_version as contractVersion, state
         from ops.quarantine as entry join ops.file using (file_id)
        where id between $4::bigint and $5::bigint and ${matches} order by id`,
      [...values, BigInt(first), BigInt(last)],
    );
  }
}

/** How many open entries there are. */
export async function countOpenEntries(
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

function filterValues({ runId, reason, fileId }: EntryFilter): (string | number | null)[] {
  return [runId ?? null, reason ?? null, fileId ?? null];
}
