import { addTotals, exitCodes, voteContract, zeroTotals } from '@sluice/schemas';
import type { Drift, FileCheck, FileReport } from '@sluice/schemas';
import { checksOf, voteSuite } from '@sluice/schemas/expectations';
import { startRun } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { randomUUIDv7 } from 'node:crypto';

import { openCalendar } from '../file-coverage/open-calendar.ts';
import type { AheadHash } from '../input/ahead-hash.ts';
import type { FoundInputs } from '../input/find-inputs.ts';
import { suiteForPlan } from '../quality/file-volume.ts';
import { appVersion } from '../version.ts';
import { concludeRun } from '../warehouse/conclude-run.ts';
import { openForWriting } from '../warehouse/open-warehouse.ts';
import { isShortfall, shortOf } from './file-checks.ts';
import { FileLedger } from './file-ledger.ts';
import type { IngestOptions, IngestResult } from './ingest.ts';
import { ingestFile } from './ingest-file.ts';
import type { IngestContext } from './ingest-file.ts';
import type { ReadingThread } from './reading-thread.ts';
import { contractVersion } from './record-loader.ts';
import { recordSearches } from './record-searches.ts';
import { Spool } from './spool.ts';

/** What is there before the warehouse is opened. */
export interface FoundFiles {
  readonly startedAt: Date;
  readonly searchedAt: Date;
  readonly inputs: FoundInputs;
  readonly readingThread: ReadingThread;
  readonly aheadHash: AheadHash | undefined;
}

/**
 * Opens the warehouse, and ingests the files that were found; see `ingest`.
 *
 * @throws {WarehouseError} where the warehouse can not be opened, or the run not be begun.
 */
export async function ingestInputs(
  options: IngestOptions,
  { startedAt, searchedAt, inputs, readingThread, aheadHash }: FoundFiles,
): Promise<IngestResult> {
  const warehouse = await openForWriting({ ...options.warehouse, signal: options.signal });
  try {
    const runId = randomUUIDv7();
    const abandoned = await startRun(warehouse, {
      runId,
      dataset: voteContract.dataset,
      command: 'ingest',
      appVersion,
      contractVersion,
      startedAt,
    });
    for (const deadRunId of abandoned) {
      options.onAbandoned?.(deadRunId);
    }
    await recordSearches(warehouse, { runId, searchedAt, places: inputs.places });
    const run = { warehouse, runId, readingThread, aheadHash };
    const files = await ingestFiles(options, run, inputs.files);
    const faults = await finish(options, warehouse, runId, files);
    const durationMs = options.now().getTime() - startedAt.getTime();
    return conclude({ runId, durationMs, ...files, faults });
  } finally {
    warehouse.close();
  }
}

interface IngestedFiles {
  readonly reports: FileReport[];
  readonly drift: readonly Drift[];
  /** What did not pass. */
  readonly checks: readonly FileCheck[];
  /** What ended the run before its last file. */
  readonly failure: string | undefined;
}

async function ingestFiles(
  options: IngestOptions,
  run: Pick<IngestContext, 'warehouse' | 'runId' | 'readingThread' | 'aheadHash'>,
  inputs: readonly string[],
): Promise<IngestedFiles> {
  const { warehouse, runId } = run;
  const reports: FileReport[] = [];
  const drift: Drift[] = [];
  const checks: FileCheck[] = [];
  let failure: string | undefined;
  try {
    const ledger = await FileLedger.open(warehouse, { runId, policy: options.policy });
    const spool = await Spool.create(warehouse);
    const context = {
      ...options,
      checks: suiteForPlan(checksOf(options.checks ?? voteSuite, 'batch'), options.arrivals),
      calendar: options.arrivals && (await openCalendar(options.arrivals)),
      ...run,
      ledger,
      spool,
      onBytesRead: (bytesRead: number) => options.onBytesRead?.(bytesRead),
    };
    try {
      for (const path of inputs) {
        options.signal.throwIfAborted();
        options.onFileStart?.(path);
        const file = await ingestFile(context, path);
        reports.push(file.report);
        drift.push(...file.drift);
        checks.push(...shortOf(path, file.checks));
        options.onFileEnd?.(file.report);
      }
    } catch (cause) {
      const done = `${reports.length} of ${inputs.length} files`;
      failure = options.signal.aborted
        ? `stopped by a signal after ${done}`
        : `${inputs[reports.length] ?? 'end'}: ${messageOf(cause)}; nothing of this file was kept. ` +
          `${done} are done: repeat the command to do the others`;
    }
    await ledger.writeAlreadyIngested();
    spool.close();
  } catch (cause) {
    failure ??= messageOf(cause);
  }
  return { reports, drift: mergeDrift(drift), checks, failure };
}

/** Writes how the run ended, in the ledger and in the status file; gives what is wrong with that. */
async function finish(
  options: IngestOptions,
  warehouse: DuckDbWarehouse,
  runId: string,
  { reports, checks, failure }: IngestedFiles,
): Promise<readonly string[]> {
  const refused = reports.filter((file) => file.outcome === 'refused').length;
  const failed = checks.filter(isShortfall).length;
  const shortfalls = [
    ...(refused === 0 ? [] : [`${refused} files were refused`]),
    ...(failed === 0 ? [] : [`${failed} checks failed`]),
  ];
  const shortfall = failure ?? (shortfalls.length === 0 ? undefined : shortfalls.join(', '));
  try {
    return await concludeRun(warehouse, { runId, shortfall, now: options.now, expected: options });
  } catch (cause) {
    return [`${messageOf(cause)}; the files are kept as reported`];
  }
}

function conclude(run: {
  readonly runId: string;
  readonly durationMs: number;
  readonly reports: FileReport[];
  readonly drift: readonly Drift[];
  readonly failure: string | undefined;
  readonly checks: readonly FileCheck[];
  /** What is wrong with how it ended. */
  readonly faults: readonly string[];
}): IngestResult {
  const { reports } = run;
  const errors = [...(run.failure === undefined ? [] : [run.failure]), ...run.faults];
  const fellShort =
    reports.some((file) => file.outcome === 'refused') ||
    run.checks.some(isShortfall) ||
    errors.length > 0;
  const changedNothing =
    errors.length > 0 && reports.every((file) => file.outcome === 'already_ingested');
  return {
    report: {
      runId: run.runId,
      dataset: voteContract.dataset,
      outcome: fellShort ? 'failed' : 'succeeded',
      files: reports,
      totals: reports.reduce(addTotals, zeroTotals),
      drift: [...run.drift],
      checks: [...run.checks],
      durationMs: run.durationMs,
      ...(errors.length === 0 ? {} : { error: errors.join('; ') }),
    },
    exitCode: changedNothing ? exitCodes.failed : fellShort ? exitCodes.fellShort : exitCodes.done,
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function mergeDrift(drift: readonly Drift[]): Drift[] {
  const merged = new Map<string, Drift>();
  for (const entry of drift) {
    const key = `${entry.kind} ${entry.value}`;
    merged.set(key, { ...entry, count: entry.count + (merged.get(key)?.count ?? 0) });
  }
  return [...merged.values()];
}
