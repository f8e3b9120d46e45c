import type { PostgresTransaction } from '../postgres-transaction.ts';

/** Enough to see what was wrong; the whole is in the payload. */
const maxRawLength = 4_096;

/** What broke its contract, and where. */
export interface QuarantinedItem {
  /** JSON pointer into the answer. */
  readonly pointer: string;
  /** The key whose cell it is; null for a whole row. */
  readonly seriesKey: string | null;
  readonly deliveryStartMs: number | null;
  readonly reason: string;
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
       (run_id, attempt_id, dataset, business_day, url, contract_version, pointer, series_key,
        delivery_start, reason, message, raw, raw_length)
     select $1, $2, $3, $4, $5, $6, u.*
       from unnest($7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::text[], $12::text[],
                   $13::integer[]) as u`,
    [
      source.runId,
      source.attemptId,
      source.dataset,
      source.businessDay,
      source.url,
      source.contractVersion,
      items.map(({ pointer }) => storableText(pointer)),
      items.map(({ seriesKey }) => (seriesKey === null ? null : storableText(seriesKey))),
      items.map(({ deliveryStartMs }) =>
        deliveryStartMs === null ? null : new Date(deliveryStartMs).toISOString(),
      ),
      items.map(({ reason }) => reason),
      items.map(({ message }) => storableText(message)),
      items.map(({ raw }) => storableText(raw.slice(0, maxRawLength))),
      items.map(({ raw }) => raw.length),
    ],
  );
}

/** A text that Postgres takes: NUL shown by its symbol, and half a character by U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\u2400').toWellFormed();
}
