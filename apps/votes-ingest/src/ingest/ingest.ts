import { addTotals, exitCodes, voteContract, zeroTotals } from '@sluice/schemas';
import type { Drift, ExitCode, FileCheck, FileReport, IngestReport } from '@sluice/schemas';
import { checksOf, voteSuite } from '@sluice/schemas/expectations';
import type { ExpectationSuite } from '@sluice/schemas/expectations';
import { startRun } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { randomUUIDv7 } from 'node:crypto';
import { statSync } from 'node:fs';

import type { ArrivalSettings } from '../file-coverage/arrival-status.ts';
import { openCalendar } from '../file-coverage/open-calendar.ts';
import { suiteForPlan } from '../quality/file-volume.ts';
import { standardInput } from '../input/byte-source.ts';
import { findInputs } from '../input/find-inputs.ts';
import type { FoundInputs } from '../input/find-inputs.ts';
import { isWorthThreads } from '../input/worker-thread.ts';
import { appVersion } from '../version.ts';
import { concludeRun } from '../warehouse/conclude-run.ts';
import { openForWriting } from '../warehouse/open-warehouse.ts';
import type { WarehouseOptions } from '../warehouse/open-warehouse.ts';
import { FileLedger } from './file-ledger.ts';
import { recordSearches } from './record-searches.ts';
import { ingestFile } from './ingest-file.ts';
import type { IngestContext } from './ingest-file.ts';
import type { QuarantineGate } from './quarantine-gate.ts';
import { ReadingThread } from './reading-thread.ts';
import { isShortfall, shortOf } from './file-checks.ts';
import { contractVersion } from './record-loader.ts';
import type { ConflictPolicy } from './settle.ts';
import { Spool } from './spool.ts';

/** What to ingest, into what, and by which rules. */
export interface IngestOptions extends ArrivalSettings {
  /** Files, folders, patterns, or `-`. */
  readonly inputs: readonly string[];
  readonly warehouse: WarehouseOptions;
  readonly policy: ConflictPolicy;
  readonly gate: QuarantineGate | undefined;
  /** What votes are checked for; of it what a file can be checked for. @default as declared */
  readonly checks?: ExpectationSuite | undefined;
  /** See {@link settleSuspects}. */
  readonly suspectsPerPass?: number;
  /** Ends the run after the file at hand is rolled back. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onFileStart?: (path: string) => void;
  readonly onBytesRead?: (bytesRead: number) => void;
  readonly onFileEnd?: (report: FileReport) => void;
  /** Called for each run that is found dead. */
  readonly onAbandoned?: (runId: string) => void;
}

/** The report, and what the process should exit with, a signal apart. */
export interface IngestResult {
  readonly report: IngestReport;
  readonly exitCode: ExitCode;
}

/**
 * Ingests files one after the other, each in a transaction of its own, as one run of the ledger.
 *
 * @throws {CommandError} where an input names nothing.
 * @throws {WarehouseError} where the warehouse can not be opened, or the run not be begun.
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const startedAt = options.now();
  const inputs = await findInputs(options.inputs, options.warehouse.path);
  const searchedAt = options.now();
  const readingThread = new ReadingThread();
  try {
    if (isWorthThreads(sizeOf(inputs.files[0]))) {
      // It gets ready while the warehouse is opened.
      readingThread.start();
    }
    return await ingestInputs(options, { startedAt, searchedAt, inputs, readingThread });
  } finally {
    readingThread.end();
  }
}

async function ingestInputs(
  options: IngestOptions,
  {
    startedAt,
    searchedAt,
    inputs,
    readingThread,
  }: {
    readonly startedAt: Date;
    readonly searchedAt: Date;
    readonly inputs: FoundInputs;
    readonly readingThread: ReadingThread;
  },
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
    const run = { warehouse, runId, readingThread };
    const files = await ingestFiles(options, run, inputs.files);
    const faults = await finish(options, warehouse, runId, files);
    const durationMs = options.now().getTime() - startedAt.getTime();
    return conclude({ runId, durationMs, ...files, faults });
  } finally {
    warehouse.close();
  }
}

/** Undefined for what is no file, or is gone. */
function sizeOf(path = standardInput): number | undefined {
  return path === standardInput ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
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
  run: Pick<IngestContext, 'warehouse' | 'runId' | 'readingThread'>,
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
