import { failedCheckReason, maxLineBytes, parseVote, voteContract } from '@sluice/schemas';
import type { ContractBreach, Vote } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { DriftCounter } from '../ingest/drift-counter.ts';
import { recordDrift } from '../ingest/file-ledger.ts';
import { readRecord } from '../ingest/read-record.ts';
import type { RecordFormat } from '../ingest/read-record.ts';
import { ConflictRefusal, settleSuspects } from '../ingest/settle.ts';
import type { ConflictPolicy, Settlement } from '../ingest/settle.ts';
import type { Spool } from '../ingest/spool.ts';
import { readEntries } from './read-entries.ts';
import type { EntryFilter, EntryRow } from './read-entries.ts';

/** What the files of one replay share. */
export interface ReplayContext {
  readonly warehouse: DuckDbWarehouse;
  readonly spool: Spool;
  readonly runId: string;
  readonly policy: ConflictPolicy;
  readonly filter: EntryFilter;
  /** Who asked for it. */
  readonly by: string;
  readonly signal: AbortSignal;
}

/** A file whose open entries are tried again. */
export interface ReplayedFile {
  readonly fileId: number;
  readonly path: string;
  /** Absent where the ledger does not have it: then each entry tells by its first character. */
  readonly format: RecordFormat | undefined;
}

/** What became of the open entries of one file. */
export interface FileReplay extends Settlement {
  readonly tried: number;
  /** Why none was replayed although some could be. */
  readonly refusal: string | undefined;
}

/** The bytes of an entry that stays where it is need not go through the spool. */
const noBytes = new Uint8Array(0);

/**
 * Tries the open entries of one file again, in one transaction: what keeps the contract now is
 * settled as a record that comes now, and counted as such in the ledger's entry of its file; what
 * does not stays open, with today's reason.
 */
export async function replayFile(context: ReplayContext, file: ReplayedFile): Promise<FileReplay> {
  const { warehouse, spool } = context;
  const drift = new DriftCounter();
  let tried = 0;
  await spool.begin();
  for await (const entries of readEntries(warehouse, { ...context.filter, fileId: file.fileId })) {
    context.signal.throwIfAborted();
    for (const entry of entries.filter(({ reason }) => reason !== failedCheckReason)) {
      spoolEntry(entry, file.format, spool, drift);
      tried += 1;
    }
  }
  spool.finish();
  try {
    const settlement = await warehouse.transaction(async () => {
      const { suspects } = spool;
      const settled = await settleSuspects(warehouse, { ...context, ...file, suspects });
      await takeOut(context, file, settled);
      await recordDrift(warehouse, { ...context, ...file }, drift.list());
      await updateStillBroken(warehouse, file);
      return settled;
    });
    return { ...settlement, tried, refusal: undefined };
  } catch (cause) {
    if (!(cause instanceof ConflictRefusal)) {
      throw cause;
    }
    await warehouse.transaction(() => updateStillBroken(warehouse, file));
    return { accepted: 0, duplicate: 0, conflicting: 0, tried, refusal: cause.message };
  }
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

async function takeOut(
  { warehouse, runId, by }: ReplayContext,
  { fileId }: ReplayedFile,
  settlement: Settlement,
): Promise<void> {
  await moveCounts(warehouse, fileId, settlement);
  await warehouse.run(
    `update ops.quarantine
        set state = 'replayed', decided_at = now(), decided_by = $2, decision_run_id = $3::uuid,
            decision_reason = 'it keeps contract version ' || $4, contract_version = $4
      where state = 'open' and file_id = $1::integer and reason <> $5
        and line in (select line from spool.suspect)`,
    [fileId, by, runId, voteContract.version, failedCheckReason],
  );
}

/** The records left quarantine: `read` stays, and what they became is counted instead. */
export async function moveCounts(
  warehouse: DuckDbWarehouse,
  fileId: number,
  { accepted, duplicate, conflicting }: Settlement,
): Promise<void> {
  await warehouse.run(
    `update ops.file
        set accepted = accepted + $2::bigint, duplicate = duplicate + $3::bigint,
            conflicting = conflicting + $4::bigint,
            quarantined = quarantined - $2::bigint - $3::bigint - $4::bigint
      where file_id = $1::integer`,
    [fileId, BigInt(accepted), BigInt(duplicate), BigInt(conflicting)],
  );
}

async function updateStillBroken(
  warehouse: DuckDbWarehouse,
  { fileId }: ReplayedFile,
): Promise<void> {
  await warehouse.run(
    `update ops.quarantine as entry
        set reason = again.reason, message = again.message, contract_version = $2
       from spool.quarantine as again
      where entry.state = 'open' and entry.file_id = $1::integer and entry.line = again.line
        and entry.reason <> $3`,
    [fileId, voteContract.version, failedCheckReason],
  );
}
