import type { ExitCode, FileOutcome, FileReport, IngestReport } from '@sluice/schemas';
import type { ExpectationSuite } from '@sluice/schemas/expectations';
import { readStatusFile } from '@sluice/warehouse/status-file';
import { statSync } from 'node:fs';

import type { ArrivalSettings } from '../file-coverage/arrival-status.ts';
import { AheadHash } from '../input/ahead-hash.ts';
import { standardInput } from '../input/byte-source.ts';
import { findInputs } from '../input/find-inputs.ts';
import { isWorthThreads } from '../input/worker-thread.ts';
import type { WarehouseOptions } from '../warehouse/open-warehouse.ts';
import type { QuarantineGate } from './quarantine-gate.ts';
import { ReadingThread } from './reading-thread.ts';
import type { ConflictPolicy } from './settle.ts';

/** What became of a file whose content the ledger had then. */
const knownOutcomes: ReadonlySet<FileOutcome> = new Set(['ingested', 'already_ingested']);

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
  let aheadHash: AheadHash | undefined;
  try {
    const [path] = inputs.files;
    const sizeBytes = sizeOf(path);
    // Either thread gets on with it while the engine is loaded, and the warehouse opened.
    if (path !== undefined && isWorthThreads(sizeBytes)) {
      if (await isProbablyKnown(options.warehouse.path, sizeBytes)) {
        aheadHash = new AheadHash(path);
      } else {
        readingThread.start();
      }
    }
    const { ingestInputs } = await import('./ingest-inputs.ts');
    const found = { startedAt, searchedAt, inputs };
    return await ingestInputs(options, { ...found, readingThread, aheadHash });
  } finally {
    readingThread.end();
    aheadHash?.end();
  }
}

/** Undefined for what is no file, or is gone. */
function sizeOf(path = standardInput): number | undefined {
  return path === standardInput ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
}

/** By the status file, which tells of the newest runs only; what is so, the ledger says. */
async function isProbablyKnown(
  warehousePath: string,
  sizeBytes: number | undefined,
): Promise<boolean> {
  const status = await readStatusFile(warehousePath);
  return (status?.runs ?? [])
    .flatMap(({ files }) => files)
    .some(({ bytes, outcome }) => bytes === sizeBytes && knownOutcomes.has(outcome));
}
