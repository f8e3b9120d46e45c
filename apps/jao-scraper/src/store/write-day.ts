import { recordResults } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import type { QualityResult } from '@sluice/schemas/expectations';
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
import { z } from 'zod';

import { describeFailure } from '../source/describe-failure.ts';
import { epochMs } from './epoch-ms.ts';
import type { DayAudit, DayRefusal, HeldBackCell } from '../checks/audit-day.ts';
import { closeAnswered } from './answered-entries.ts';
import type { OpenEntry } from './answered-entries.ts';
import { rangesAfter } from './day-ranges.ts';
import { cellsAfter, stepOfCells } from './day-step.ts';
import { hasEveryPeriod, nameState } from './name-state.ts';
import { notesOf } from './notes-of-answer.ts';
import { readDayState, saveDayState } from './day-state.ts';
import type { DayStateChange } from './day-state.ts';
import { diffDay } from './diff-day.ts';
import type { DayDiff, LackingCell, StoredDay } from './diff-day.ts';
import { judgeLacking } from './judge-lacking.ts';
import type { Verdict } from './judge-lacking.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { storeChanges } from './store-changes.ts';
import { lockEntries, partOfHeld, repeatedIn } from './held-cells.ts';
import { holdBack, partsOf } from './hold-back.ts';
import { noteEvidence, quarantineWhole } from './note-evidence.ts';
import { rowIdsOf } from './row-ids.ts';
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

/** One of several answers that are a day's together. */
export interface AnswerPart {
  readonly url: string;
  /** How many rows of the day's answer are its. */
  readonly rows: number;
}

/** An answer, and what it was an answer to. */
export interface AnswerOfDay {
  readonly contract: DatasetContract;
  readonly day: BusinessDay;
  readonly runId: string;
  readonly claim: Claim;
  readonly attemptId: number;
  /** The attempts for the other parts of the day, where it was asked for in parts. */
  readonly partAttemptIds: readonly number[];
  /** Of the last part, where the day was asked for in parts. */
  readonly url: string;
  /** In order, all of them; none where the day was asked for in one. */
  readonly parts: readonly AnswerPart[];
  readonly body: AnswerBody;
  readonly request: RequestFacts;
  readonly table: DayTable;
  /** Judges the day before it is committed; undefined where nothing may hold it back. */
  readonly audit?: DayAudit | undefined;
}

/** An answer, and all that its transaction needs. */
export interface DayToWrite extends AnswerOfDay {
  readonly datasetId: number;
}

/** What became of a day's answer. Counts are cells: read = added + revised + unchanged + duplicate + quarantined. */
export interface DayWritten {
  readonly outcome: AttemptEnd['outcome'];
  /** As the parser counted them, whatever became of them. */
  readonly read: number;
  readonly added: number;
  readonly revised: number;
  readonly withdrawn: number;
  readonly unchanged: number;
  /** Of rows that said the same as another. */
  readonly duplicate: number;
  readonly quarantined: number;
  /** What a person is to be told of the answer, a line each. */
  readonly notes: readonly string[];
  /** Whether a key came that had no series before. */
  readonly hasNewKeys: boolean;
  /** What was never seen before of what the contract does not know. */
  readonly newDrift: readonly DriftItem[];
  readonly isFinished: boolean;
  /** What checks with an action found, if there are any. */
  readonly audited?: readonly QualityResult[];
  /** Why nothing of the answer is data, where a check kept the day out. */
  readonly refusal?: string;
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
    input.audit === undefined
      ? writeDayIn(tx, registry, input, payload)
      : writeAudited(tx, registry, input, { payload, audit: input.audit }),
  );
  remember();
  return written;
}

interface DayWrittenIn {
  readonly written: DayWritten;
  readonly remember: () => void;
}

/**
 * Writes the day, and has it judged as readers would see it. What is held back is then written anew
 * without, or not at all: readers never see it, since nothing was committed.
 */
async function writeAudited(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  input: DayToWrite,
  { payload, audit }: { readonly payload: CompressedPayload; readonly audit: DayAudit },
): Promise<DayWrittenIn> {
  const { day, body } = input;
  // What is locked after a savepoint is let go with it.
  await holdClaim(tx, input.claim);
  await tx.run('savepoint sluice_day');
  const first = await writeDayIn(tx, registry, input, payload);
  const { results, refusal: found, heldBack } = await audit(tx, day);
  // Where the answer brought nothing new, what fails is data already, and is not taken back.
  const { added, revised, withdrawn } = first.written;
  const refusal = added + revised + withdrawn === 0 ? undefined : found;
  const fresh = heldBack.length === 0 ? [] : await readFresh(tx, input, heldBack);
  if (refusal === undefined && fresh.length === 0) {
    await recordResults(postgresEngine(tx), results);
    return { ...first, written: { ...first.written, audited: results } };
  }
  await tx.run('rollback to savepoint sluice_day');
  let last: DayWrittenIn;
  if (refusal === undefined) {
    const cells = fresh.map((cell) => ({
      ...cell,
      message: `check ${cell.checkId}: ${cell.message}`,
    }));
    const table = holdBack(input.table, partsOf(body.bytes, cells));
    last = await writeDayIn(tx, registry, { ...input, table }, payload);
  } else {
    last = await refuseDay(tx, input, { payload, refusal });
  }
  await recordResults(postgresEngine(tx), results);
  return { ...last, written: { ...last.written, audited: results } };
}

/** Of cells, those that this attempt has stored: what was data before is not taken back by a check. */
async function readFresh(
  tx: PostgresTransaction,
  { datasetId, attemptId }: DayToWrite,
  cells: readonly HeldBackCell[],
): Promise<readonly HeldBackCell[]> {
  const rows = await tx.rows(
    z.object({ key: z.string(), startMs: z.number() }),
    `select s.key, ${epochMs('o.delivery_start')} as "startMs"
     from unnest($3::text[], $4::timestamptz[]) as cell (key, delivery_start)
     join jao.series s on s.dataset_id = $1 and s.key = cell.key
     join jao.observation o on o.series_id = s.series_id and o.delivery_start = cell.delivery_start
     where o.attempt_id = $2`,
    [
      datasetId,
      attemptId,
      cells.map(({ key }) => key),
      cells.map(({ deliveryStartMs }) => new Date(deliveryStartMs).toISOString()),
    ],
  );
  const fresh = new Set(rows.map(({ key, startMs }) => `${key}\n${startMs}`));
  return cells.filter(({ key, deliveryStartMs }) => fresh.has(`${key}\n${deliveryStartMs}`));
}

/** Keeps an answer as payload and as one entry of quarantine: the day stays what it was. */
async function refuseDay(
  tx: PostgresTransaction,
  input: DayToWrite,
  { payload, refusal }: { readonly payload: CompressedPayload; readonly refusal: DayRefusal },
): Promise<DayWrittenIn> {
  const { attemptId, table } = input;
  // All of it is in quarantine, whatever its parser would have made of it.
  const { read } = table.counts;
  const counts = { read, duplicate: 0, quarantined: read };
  const nothing = { added: 0, revised: 0, withdrawn: 0, unchanged: 0 };
  const error = describeFailure(input.url, refusal.message);
  await storePayload(tx, payload, attemptId);
  await closeParts(tx, input, { outcome: 'failed_check', error });
  await releaseClaim(tx, input.claim);
  const entries = await quarantineWhole(tx, input, refusal);
  await closeAttempt(tx, {
    attemptId,
    ...input.request,
    ...rowIdsOf(table),
    ...counts,
    outcome: 'failed_check',
    error,
    payloadHash: payload.hash,
    decodedBytes: payload.decodedBytes,
    quarantineEntries: entries.length,
  });
  return {
    written: {
      ...nothing,
      ...counts,
      outcome: 'failed_check',
      hasNewKeys: false,
      newDrift: [],
      notes: [],
      isFinished: false,
      refusal: error,
    },
    remember: () => undefined,
  };
}

async function writeDayIn(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  given: DayToWrite,
  payload: CompressedPayload,
): Promise<DayWrittenIn> {
  const { contract, datasetId, day, attemptId } = given;
  // The day's lock, in a statement of its own: what follows must see what its last holder committed.
  await holdClaim(tx, given.claim);
  const { open, input } = await leaveOutDiscarded(tx, given);
  const { table } = input;
  const { state: before, nowMs } = await readDayState(tx, datasetId, day);
  const stored: StoredDay =
    before === undefined ? new Map() : await readStoredDay(tx, contract, datasetId, day);
  const diff = diffDay(stored, table);
  const isWhole = hasEveryPeriod(table);
  const verdict = judgeLacking(diff.lacking, { isWhole, doubt: before?.doubt, nowMs });
  const withdrawn = verdict.kind === 'withdraw' ? diff.lacking : [];
  const written = {
    ...table.counts,
    outcome: outcomeOf(table, diff, withdrawn, verdict),
    added: diff.added,
    revised: diff.revised,
    withdrawn: withdrawn.length,
    unchanged: diff.unchanged,
  };
  const change = { contract, datasetId, day, stored, diff, withdrawn };
  const step = stepOfCells(contract, day, cellsAfter(change));
  const ranges = await rangesAfter(tx, { ...change, step });
  const cells = (before?.cells ?? 0) + diff.added + diff.returned - withdrawn.length;
  await storePayload(tx, payload, attemptId);
  await closeParts(tx, input, { outcome: written.outcome });
  await releaseClaim(tx, input.claim);
  const changes = await storeChanges(tx, registry, {
    ...change,
    attemptId,
    table,
    before,
    ranges,
    noteEvidence: async (found) => {
      await closeAnswered(tx, open, { table, isWhole, runId: given.runId });
      return noteEvidence(tx, input, { ...written, ...found });
    },
    finish: ({ knownFromMs, keySetId, quarantineEntries }) => [
      saveDayState(tx, {
        datasetId,
        day,
        state: nameState(table, { cells, isDoubtful: verdict.kind === 'defer' }),
        isWhole,
        cells,
        step: contract.stepIsAssumed ? step : undefined,
        attemptId,
        knownFromMs,
        payload: verdict.kind === 'defer' ? undefined : payloadOfDay(input, payload),
        keySetId,
        doubt: verdict.kind === 'defer' ? verdict.doubt : undefined,
        dueAtMs: dueAtMs(contract, day),
      }),
      closeAttempt(tx, {
        attemptId,
        ...input.request,
        ...written,
        ...rowIdsOf(table),
        payloadHash: payload.hash,
        decodedBytes: payload.decodedBytes,
        knownFromMs,
        quarantineEntries,
      }),
    ],
  });
  return {
    written: {
      ...written,
      hasNewKeys: changes.hasNewKeys,
      newDrift: changes.newDrift,
      notes: notesOf(table, verdict.kind === 'defer' ? diff.lacking.length : 0),
      isFinished: changes.isFinished,
    },
    remember: changes.remember,
  };
}

/** What a person has discarded is never to be data, whatever contract and checks say of it now. */
async function leaveOutDiscarded(
  tx: PostgresTransaction,
  given: DayToWrite,
): Promise<{ readonly open: readonly OpenEntry[]; readonly input: DayToWrite }> {
  const answer = { table: given.table, bytes: given.body.bytes };
  const { held, open } = await lockEntries(tx, given, answer);
  const discarded = held.filter(({ state }) => state === 'discarded');
  const table = holdBack(given.table, repeatedIn(answer, discarded).map(partOfHeld));
  return { open, input: { ...given, table } };
}

/** Of a day that was asked for in parts, the attempts for all but the last one. */
async function closeParts(
  tx: PostgresTransaction,
  { partAttemptIds }: DayToWrite,
  end: Pick<AttemptEnd, 'outcome' | 'error'>,
): Promise<void> {
  for (const attemptId of partAttemptIds) {
    await closeAttempt(tx, { attemptId, ...end });
  }
}

/** The payload that is the day's from now on. */
function payloadOfDay(
  { contract, request, table }: DayToWrite,
  { hash }: CompressedPayload,
): DayStateChange['payload'] {
  return {
    sha256: hash,
    contractVersion: contract.contractVersion,
    etag: request.etag ?? null,
    counts: table.counts,
  };
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
