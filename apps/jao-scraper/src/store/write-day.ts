import { dueAtMs } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayTable } from '@sluice/schemas/jao';
import {
  closeAttempt,
  compressPayload,
  holdClaim,
  releaseClaim,
  storePayload,
} from '@sluice/warehouse/postgres';
import type {
  AttemptEnd,
  Claim,
  CompressedPayload,
  DriftItem,
  PostgresDatabase,
  PostgresTransaction,
} from '@sluice/warehouse/postgres';

import { readDayState, saveDayState } from './day-state.ts';
import { diffDay } from './diff-day.ts';
import type { DayDiff, LackingCell, StoredDay } from './diff-day.ts';
import { judgeLacking } from './judge-lacking.ts';
import type { Verdict } from './judge-lacking.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { storeChanges } from './store-changes.ts';
import { noteEvidence } from './note-evidence.ts';
import { readStoredDay } from './stored-day.ts';

/** What the transport tells of a request, for its attempt. */
export type RequestFacts = Pick<
  AttemptEnd,
  'httpStatus' | 'wireBytes' | 'decodedBytes' | 'durationMs' | 'etag' | 'lastModified'
>;

/** The bytes of an answer, decoded, and their SHA-256. */
export interface AnswerBody {
  readonly bytes: Uint8Array;
  readonly sha256: Uint8Array;
}

/** An answer, and all that its transaction needs. */
export interface DayToWrite {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  readonly runId: string;
  readonly claim: Claim;
  readonly attemptId: number;
  /** The attempts for the other parts of the day, where it was asked for in parts. */
  readonly partAttemptIds: readonly number[];
  readonly url: string;
  readonly body: AnswerBody;
  readonly request: RequestFacts;
  readonly table: DayTable;
}

/** What became of a day's answer. Counts are cells. */
export interface DayWritten {
  readonly outcome: AttemptEnd['outcome'];
  readonly added: number;
  readonly revised: number;
  readonly withdrawn: number;
  readonly unchanged: number;
  readonly quarantined: number;
  /** Whether a key came that had no series before. */
  readonly hasNewKeys: boolean;
  /** What was never seen before of what the contract does not know. */
  readonly newDrift: readonly DriftItem[];
  readonly isFinished: boolean;
}

/**
 * Stores an answer in one transaction, which ends with its attempt closed and its claim released:
 * versions of changed cells under one new stamp, the payload, what went to quarantine, the day's
 * state. Readers see all of it or nothing. Other days of the dataset wait from the stamp to the
 * commit, so that whatever needs no stamp comes before it.
 *
 * @throws {PostgresError} `FENCED` where the claim was taken over: then nothing is stored.
 */
export async function writeDay(
  db: PostgresDatabase,
  registry: SeriesRegistry,
  input: DayToWrite,
): Promise<DayWritten> {
  const payload = await compressPayload(input.body.bytes, input.body.sha256);
  const { written, remember } = await db.transaction((tx) =>
    writeDayIn(tx, registry, input, payload),
  );
  remember();
  return written;
}

async function writeDayIn(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  input: DayToWrite,
  payload: CompressedPayload,
): Promise<{ readonly written: DayWritten; readonly remember: () => void }> {
  const { contract, datasetId, day, table, attemptId } = input;
  // The day's lock, in a statement of its own: what follows must see what its last holder committed.
  await holdClaim(tx, input.claim);
  const { state: before, nowMs } = await readDayState(tx, datasetId, day);
  const stored: StoredDay =
    before === undefined ? new Map() : await readStoredDay(tx, contract, datasetId, day);
  const diff = diffDay(stored, table);
  const isComplete = table.missingDeliveryStarts.length === 0;
  const verdict = judgeLacking(diff.lacking, { isComplete, doubt: before?.doubt, nowMs });
  const withdrawn = verdict.kind === 'withdraw' ? diff.lacking : [];
  const written = {
    outcome: outcomeOf(table, diff, withdrawn, verdict),
    added: diff.added,
    revised: diff.revised,
    withdrawn: withdrawn.length,
    unchanged: diff.unchanged,
    quarantined: diff.quarantined,
  };
  await storePayload(tx, payload, attemptId);
  for (const partId of input.partAttemptIds) {
    await closeAttempt(tx, { attemptId: partId, outcome: written.outcome });
  }
  await releaseClaim(tx, input.claim);
  const changes = await storeChanges(tx, registry, {
    contract,
    datasetId,
    day,
    attemptId,
    table,
    stored,
    diff,
    withdrawn,
    before,
    noteEvidence: (found) => noteEvidence(tx, input, { ...written, ...found }),
  });
  const isFinished = await saveDayState(tx, {
    datasetId,
    day,
    state: table.rows.length === 0 ? 'empty' : isComplete ? 'complete' : 'incomplete',
    cells: (before?.cells ?? 0) + diff.added + diff.returned - withdrawn.length,
    attemptId,
    knownFromMs: changes.knownFromMs,
    payload:
      verdict.kind === 'defer'
        ? undefined
        : {
            sha256: payload.hash,
            contractVersion: contract.contractVersion,
            etag: input.request.etag ?? null,
          },
    keySetId: changes.keySetId,
    doubt: verdict.kind === 'defer' ? verdict.doubt : undefined,
    dueAtMs: dueAtMs(contract, day),
  });
  await closeAttempt(tx, {
    attemptId,
    ...input.request,
    ...written,
    ...rowIdsOf(table),
    payloadHash: payload.hash,
    decodedBytes: payload.decodedBytes,
    knownFromMs: changes.knownFromMs,
  });
  return {
    written: {
      ...written,
      hasNewKeys: changes.hasNewKeys,
      newDrift: changes.newDrift,
      isFinished,
    },
    remember: changes.remember,
  };
}

function rowIdsOf({ rows }: DayTable): Pick<AttemptEnd, 'firstRowId' | 'lastRowId'> {
  const ids = rows.flatMap(({ sourceRowId }) => sourceRowId ?? []);
  return {
    firstRowId: smallest(ids, (left, right) => left < right),
    lastRowId: smallest(ids, (left, right) => left > right),
  };
}

function smallest(
  ids: readonly bigint[],
  isBefore: (left: bigint, right: bigint) => boolean,
): bigint | undefined {
  return ids.reduce<bigint | undefined>(
    (best, id) => (best === undefined || isBefore(id, best) ? id : best),
    undefined,
  );
}

/** The most telling word for what an answer did. */
function outcomeOf(
  table: DayTable,
  diff: DayDiff,
  withdrawn: readonly LackingCell[],
  verdict: Verdict,
): DayWritten['outcome'] {
  if (diff.versions.length > 0 || withdrawn.length > 0) {
    return 'stored';
  }
  if (verdict.kind === 'defer') {
    return 'deferred';
  }
  if (table.rows.length === 0) {
    return 'empty';
  }
  return diff.hasRenewedRowIds ? 'republished' : 'unchanged';
}
