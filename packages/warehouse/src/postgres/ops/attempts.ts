import type { AttemptOutcome } from '@sluice/schemas/jao';
import { z } from 'zod';

import type { Queryable } from '../postgres-transaction.ts';

/** What is asked, as it is known before the request goes out. */
export interface AttemptStart {
  readonly runId: string;
  readonly dataset: string;
  /** `YYYY-MM-DD`; undefined where the window is no single day. */
  readonly businessDay?: string | undefined;
  /** Half-open, in epoch milliseconds. */
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly url: string;
  readonly contractVersion: string;
}

/** What came, and what became of it. What is not known is undefined. */
export interface AttemptEnd {
  readonly attemptId: number;
  readonly outcome: Exclude<AttemptOutcome, 'running'>;
  readonly httpStatus?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly wireBytes?: number | undefined;
  readonly decodedBytes?: number | undefined;
  readonly durationMs?: number | undefined;
  /** SHA-256 of the decoded bytes. */
  readonly payloadHash?: Uint8Array | undefined;
  readonly firstRowId?: bigint | number | undefined;
  readonly lastRowId?: bigint | number | undefined;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** Cells, as the others: read = added + revised + unchanged + duplicate + quarantined. */
  readonly read?: number | undefined;
  readonly added?: number | undefined;
  readonly revised?: number | undefined;
  readonly withdrawn?: number | undefined;
  readonly unchanged?: number | undefined;
  readonly duplicate?: number | undefined;
  readonly quarantined?: number | undefined;
  /** Entries of quarantine that it made. */
  readonly quarantineEntries?: number | undefined;
  /** The stamp of what it stored, in epoch milliseconds. */
  readonly knownFromMs?: number | undefined;
  readonly error?: string | undefined;
  /** Kept with the attempt, unless its content is there already. */
  readonly payload?: CompressedPayload | undefined;
}

/** The bytes of an answer, as they are kept; `compressPayload` makes them. */
export interface CompressedPayload {
  readonly hash: Uint8Array;
  readonly content: Uint8Array;
  readonly encoding: 'zstd' | 'identity';
  readonly decodedBytes: number;
}

/**
 * Writes that a request goes out, and gives the number of the attempt. May be repeated: a run makes one
 * request for a window at a time, so one that is open is this one.
 */
export async function openAttempt(db: Queryable, attempt: AttemptStart): Promise<number> {
  const { attemptId } = await db.row(
    z.object({ attemptId: z.int() }),
    `with open as (
       select attempt_id from ops.attempt
        where run_id = $1 and dataset = $2 and business_day is not distinct from $3::date
          and window_start = $4 and window_end = $5 and outcome = 'running'
        order by attempt_id limit 1
     ), made as (
       insert into ops.attempt
         (run_id, dataset, business_day, window_start, window_end, origin, url, contract_version)
       select $1::uuid, $2::text, $3::date, $4::timestamptz, $5::timestamptz, $6, $7, $8
        where not exists (select from open)
       returning attempt_id
     )
     select attempt_id as "attemptId" from open union all select attempt_id from made`,
    [
      attempt.runId,
      attempt.dataset,
      attempt.businessDay ?? null,
      new Date(attempt.windowStartMs),
      new Date(attempt.windowEndMs),
      attempt.origin,
      attempt.url,
      attempt.contractVersion,
    ],
  );
  return attemptId;
}

/**
 * Writes what became of an attempt, with its payload where it has one: in the transaction that
 * stores the data, or alone where there are none. May be repeated: an attempt that has ended stays as
 * it is, unless somebody else had only taken it for dead.
 */
export async function closeAttempt(db: Queryable, end: AttemptEnd): Promise<void> {
  await db.run(
    `with payload as (
       insert into ops.payload (payload_hash, content, encoding, decoded_bytes, first_attempt_id)
       select $19::bytea, $20::bytea, $21::text, $22::integer, $1::bigint
        where $19::bytea is not null
       on conflict (payload_hash) do nothing
     )
     update ops.attempt
        set outcome = $2, ended_at = clock_timestamp(), http_status = $3, retry_after_ms = $4,
            wire_bytes = $5, decoded_bytes = $6, duration_ms = $7, payload_hash = $8,
            first_row_id = $9, last_row_id = $10, etag = $11, last_modified = $12, added = $13,
            revised = $14, withdrawn = $15, unchanged = $16, quarantined = $17, error = $18,
            known_from = $23, read = $24, duplicate = $25, quarantine_entries = $26
      where attempt_id = $1 and outcome in ('running', 'abandoned')`,
    [
      end.attemptId,
      end.outcome,
      end.httpStatus ?? null,
      roundedUp(end.retryAfterMs),
      end.wireBytes ?? null,
      end.decodedBytes ?? end.payload?.decodedBytes ?? null,
      roundedUp(end.durationMs),
      bytesOf(end.payloadHash ?? end.payload?.hash),
      end.firstRowId ?? null,
      end.lastRowId ?? null,
      end.etag ?? null,
      end.lastModified ?? null,
      end.added ?? 0,
      end.revised ?? 0,
      end.withdrawn ?? 0,
      end.unchanged ?? 0,
      end.quarantined ?? 0,
      end.error ?? null,
      bytesOf(end.payload?.hash),
      bytesOf(end.payload?.content),
      end.payload?.encoding ?? null,
      end.payload?.decodedBytes ?? null,
      end.knownFromMs === undefined ? null : new Date(end.knownFromMs),
      end.read ?? 0,
      end.duplicate ?? 0,
      end.quarantineEntries ?? 0,
    ],
  );
}

/** A measured time has fractions, and the columns have none. */
function roundedUp(value: number | undefined): number | null {
  return value === undefined ? null : Math.ceil(value);
}

/** The driver takes a Buffer for bytes, and anything else for a list or an object. */
function bytesOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
