import { failedCheckReason, voteContract } from '@sluice/schemas';
import type { QualityResult } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { noReadings, resultsOfAll, withRejected } from '../ingest/earlier-readings.ts';
import type { EarlierReadings } from '../ingest/earlier-readings.ts';
import { judgeFile } from '../ingest/judge-file.ts';
import type { JudgingContext } from '../ingest/judge-file.ts';
import { recordDrift } from '../ingest/file-ledger.ts';
import type { RecordFormat } from '../ingest/read-record.ts';
import { refuseWrongSums } from '../ingest/refuse-wrong-sums.ts';
import { ConflictRefusal, settleSuspects } from '../ingest/settle.ts';
import type { ConflictPolicy, Settlement } from '../ingest/settle.ts';
import type { Spool } from '../ingest/spool.ts';
import { recordBatch } from '../quality/check-batch.ts';
import type { BatchVerdict } from '../quality/check-batch.ts';
import { findFailingLines } from '../quality/find-failing-lines.ts';
import type { EntryFilter } from './read-entries.ts';
import { countWaiting, keepWaiting, putBack, rejectWaiting } from './put-back.ts';
import { spoolOpenEntries } from './spool-entries.ts';
import type { SpooledEntries } from './spool-entries.ts';

/** What the files of one replay share. */
export interface ReplayContext extends JudgingContext {
  readonly spool: Spool;
  readonly policy: ConflictPolicy;
  readonly filter: EntryFilter;
  /** Who asked for it. */
  readonly by: string;
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
  readonly checks: readonly QualityResult[];
}

const nothingSettled: Settlement = { accepted: 0, duplicate: 0, conflicting: 0 };

/** A file that is to be replayed again, since nothing of it could be kept. */
interface ReplayAgain {
  readonly again: EarlierReadings;
}

/**
 * Tries the open entries of one file again, in one transaction: what keeps the contract now is
 * settled as a record that comes now, and counted as such in the ledger's entry of its file; what
 * does not stays open, with today's reason. Before it commits, the file is checked as it would be then,
 * as when it was ingested: a record that a check holds back stays open, with the check as its reason.
 */
export async function replayFile(context: ReplayContext, file: ReplayedFile): Promise<FileReplay> {
  const spooled = await spoolOpenEntries(context, file);
  let outcome: FileReplay | ReplayAgain = { again: noReadings };
  while ('again' in outcome) {
    outcome = await replayOnce(context, file, spooled, outcome.again);
  }
  return outcome;
}

async function replayOnce(
  context: ReplayContext,
  file: ReplayedFile,
  spooled: SpooledEntries,
  earlier: EarlierReadings,
): Promise<FileReplay | ReplayAgain> {
  const { warehouse } = context;
  const { tried } = spooled;
  await warehouse.run('begin transaction');
  try {
    const suspects = await countWaiting(warehouse);
    const settled = await settleSuspects(warehouse, { ...context, ...file, suspects });
    await takeOut(context, file, settled);
    await recordDrift(warehouse, { ...context, ...file }, spooled.drift);
    await putBack(warehouse, file.fileId);
    // Where nothing is published, nothing is judged.
    const verdict = suspects === 0 ? undefined : await judgeFile(context, file, earlier);
    if (verdict?.isBroken === true) {
      await warehouse.rollback();
      return { again: withoutBroken(earlier, verdict) };
    }
    const checks = resultsOfAll(earlier, verdict ?? { results: [] });
    if (verdict?.refusal !== undefined) {
      await warehouse.rollback();
      return await keepAll(context, file, { tried, refusal: verdict.refusal, checks });
    }
    const again = verdict && (await holdBack(context, file, earlier, verdict));
    if (again !== undefined) {
      return { again };
    }
    await recordBatch(warehouse, checks);
    await refuseWrongSums(warehouse, file.fileId);
    await warehouse.run('commit');
    return { ...settled, tried, refusal: undefined, checks };
  } catch (cause) {
    await warehouse.rollback();
    if (!(cause instanceof ConflictRefusal)) {
      throw cause;
    }
    return keepAll(context, file, { tried, refusal: cause.message, checks: [] });
  }
}

/** A check that can not be evaluated costs nothing but its own verdict. */
function withoutBroken(earlier: EarlierReadings, { breaking }: BatchVerdict): EarlierReadings {
  return breaking === undefined
    ? { ...earlier, isCareful: true }
    : {
        ...earlier,
        results: new Map([...earlier.results, [breaking.checkId, breaking]]),
        brokenChecks: [...earlier.brokenChecks, breaking.checkId],
      };
}

/**
 * Takes the records out of the spool that a check holds back, so that the file is replayed without them;
 * undefined where there are none. What was data before is not taken back.
 */
async function holdBack(
  { warehouse, signal, checks: suite }: ReplayContext,
  { fileId }: ReplayedFile,
  earlier: EarlierReadings,
  { quarantining: checks }: BatchVerdict,
): Promise<EarlierReadings | undefined> {
  if (checks.length === 0) {
    return undefined;
  }
  const failing = await warehouse.interruptible(signal, () =>
    findFailingLines(warehouse, { fileId, suite, checks }),
  );
  const lines = await keepWaiting(warehouse, failing);
  if (lines.length === 0) {
    return undefined;
  }
  await warehouse.rollback();
  await rejectWaiting(warehouse, lines);
  return withRejected(earlier, { sha256: null, format: undefined, lines, checks });
}

/** Nothing of the file is replayed; what still breaks its contract has today's reason. */
async function keepAll(
  { warehouse }: ReplayContext,
  { fileId }: ReplayedFile,
  kept: Pick<FileReplay, 'tried' | 'checks'> & { readonly refusal: string },
): Promise<FileReplay> {
  await warehouse.transaction(async () => {
    await putBack(warehouse, fileId);
    await recordBatch(warehouse, kept.checks);
  });
  return { ...nothingSettled, ...kept };
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
