import type { EntryReason } from '@sluice/schemas';

/** A record that is not loaded, with its place and its bytes. */
export interface RejectedRecord {
  readonly reason: EntryReason;
  readonly message: string;
  /** The check that holds it back, where it keeps its contract. */
  readonly checkId?: string | undefined;
  readonly line: number;
  /** The line, or its first 64 KiB where it is too long, without its line end. */
  readonly raw: Uint8Array;
  readonly rawBytes: number;
  /** Of the whole line, where `raw` is not all of it. */
  readonly rawSha256?: string | undefined;
}

/** A record for quarantine as its row has it. */
export interface RejectedRow extends Omit<RejectedRecord, 'raw'> {
  /** Well-formed. */
  readonly message: string;
  /** The bytes where they are UTF-8; else undefined. */
  readonly text: string | undefined;
  /** The bytes where they are not. */
  readonly base64: string | undefined;
}

/** Copies the bytes, whose memory may be used again. */
export function rejectedRowOf({ raw: bytes, ...record }: RejectedRecord): RejectedRow {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = raw.toString('utf8');
  const isUtf8 = record.reason !== 'bad_encoding' && raw.equals(Buffer.from(text, 'utf8'));
  return {
    ...record,
    message: record.message.toWellFormed(),
    text: isUtf8 ? text : undefined,
    base64: isUtf8 ? undefined : raw.toString('base64'),
  };
}
