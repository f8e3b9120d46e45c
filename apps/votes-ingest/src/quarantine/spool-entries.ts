import { failedCheckReason, maxLineBytes, parseVote, voteContract } from '@sluice/schemas';
import type { ContractBreach, Drift, Vote } from '@sluice/schemas';

import { DriftCounter } from '../ingest/drift-counter.ts';
import { readRecord } from '../ingest/read-record.ts';
import type { RecordFormat } from '../ingest/read-record.ts';
import type { Spool } from '../ingest/spool.ts';
import { readEntries } from './read-entries.ts';
import type { EntryRow } from './read-entries.ts';
import type { ReplayContext, ReplayedFile } from './replay-file.ts';

/** What is in the spool of the open entries of one file. */
export interface SpooledEntries {
  /** Entries that were read again. */
  readonly tried: number;
  readonly drift: readonly Drift[];
}

/** The bytes of an entry that stays where it is need not go through the spool. */
const noBytes = new Uint8Array(0);

/**
 * Reads the open entries of a file again, into the spool: what keeps the contract of today waits to be
 * settled, of what does not the reason is there. What a check held back is left alone.
 */
export async function spoolOpenEntries(
  { warehouse, spool, filter, signal }: ReplayContext,
  file: ReplayedFile,
): Promise<SpooledEntries> {
  const drift = new DriftCounter();
  let tried = 0;
  await spool.begin();
  for await (const entries of readEntries(warehouse, { ...filter, fileId: file.fileId })) {
    signal.throwIfAborted();
    for (const entry of entries.filter(({ reason }) => reason !== failedCheckReason)) {
      spoolEntry(entry, file.format, spool, drift);
      tried += 1;
    }
  }
  spool.finish();
  return { tried, drift: drift.list() };
}

function spoolEntry(
  entry: EntryRow,
  format: RecordFormat | undefined,
  spool: Spool,
  drift: DriftCounter,
): void {
  if (entry.rawSha256 !== null) {
    // Only the beginning of a line that is too long is here: it can not be tried.
    return;
  }
  const outcome = tryEntry(entry, format);
  if ('vote' in outcome) {
    spool.pushSuspectVote(outcome.vote, entry.line);
    drift.countType(outcome.vote.VoteTypeId);
    outcome.unknownFields.forEach((name) => {
      drift.countUnknownField(name);
    });
    return;
  }
  const { reason, message } = outcome.breach;
  const isKnown = reason === entry.reason && message.toWellFormed() === entry.message;
  if (!isKnown || entry.contractVersion !== voteContract.version) {
    spool.pushRejected({ reason, message, line: entry.line, raw: noBytes, rawBytes: 0 });
  }
}

/** Reads a record again by the contract of today, as its file's lines are read. */
export function tryEntry(
  { raw, rawBase64 }: EntryRow,
  format: RecordFormat | undefined,
):
  | { readonly vote: Vote; readonly unknownFields: readonly string[] }
  | { readonly breach: ContractBreach } {
  const bytes = raw === null ? Buffer.from(rawBase64 ?? '', 'base64') : Buffer.from(raw);
  if (bytes.length > maxLineBytes) {
    const message = `the line has ${bytes.length} bytes, over ${maxLineBytes}`;
    return { breach: { reason: 'too_long', message } };
  }
  const ownFormat = raw?.trimStart().startsWith('<') === true ? 'xml' : 'json';
  const record = readRecord(bytes, format ?? ownFormat);
  if (record === undefined) {
    return { breach: { reason: 'not_an_object', message: 'the line is not one <row> element' } };
  }
  return 'breach' in record ? record : parseVote(record.fields);
}
