import { printable, printJson, printTable, say, startProgress } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import type { Drift, ExitCode, FileReport, IngestReport } from '@sluice/schemas';
import { controlTotalNames, exitCodes } from '@sluice/schemas';
import { statSync } from 'node:fs';

import type { CommandContext } from '../command-context.ts';
import { standardInput } from '../input/byte-source.ts';
import { sayChecks } from '../quality/say-checks.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { ingest } from './ingest.ts';
import type { IngestResult } from './ingest.ts';

/** Unknown names of one kind that are warned about one by one. */
const shownDrift = 10;

/** The options of `ingest`. */
export interface IngestCommandOptions {
  readonly args: readonly string[];
  readonly format: Format;
}

/** `votes-ingest ingest`: see {@link ingest}; then publishes, where that is asked for. */
export async function ingestCommand(
  context: CommandContext,
  { args, format }: IngestCommandOptions,
): Promise<ExitCode> {
  const ingested = await ingestWithProgress(context, args);
  const { report, exitCode } = await publish(context, ingested);
  sayDrift(context, report.drift);
  sayChecks(context, report.checks);
  if (report.error !== undefined) {
    say(context, report.error);
  }
  if (format === 'json') {
    printJson(context, report);
  } else {
    printReport(context, report);
  }
  return exitCode;
}

async function ingestWithProgress(
  context: CommandContext,
  inputs: readonly string[],
): Promise<IngestResult> {
  const { config } = context;
  const progress = await startProgress(context.messages);
  try {
    return await ingest({
      inputs,
      warehouse: warehouseOptions(context),
      policy: config.onConflict,
      gate: config.maxQuarantined,
      checks: config.checks,
      arrivals: config.arrivals,
      coverageActions: config.coverageActions,
      signal: context.signal,
      now: context.now,
      onFileStart: (path) => {
        progress.start(printable(path), sizeOf(path));
      },
      onBytesRead: (bytesRead) => {
        progress.update(bytesRead);
      },
      onFileEnd: (file) => {
        progress.stop();
        sayWhatFellShort(context, file);
      },
      onAbandoned: (runId) => {
        say(context, `run ${runId} had died; it is marked abandoned, and nothing of it is lost`);
      },
    });
  } finally {
    progress.stop();
  }
}

/** Puts a copy where `--publish` says. A failure costs no data, but the run did not do all it should. */
async function publish(context: CommandContext, ingested: IngestResult): Promise<IngestResult> {
  const folder = context.config.publish;
  if (folder === undefined || context.signal.aborted) {
    return ingested;
  }
  try {
    const { publishCopy } = await import('../backup/publish-copy.ts');
    const { path } = await publishCopy({ warehouse: warehouseOptions(context), folder });
    say(context, `published ${path}`);
    return ingested;
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    const { report, exitCode } = ingested;
    return {
      report: {
        ...report,
        outcome: 'failed',
        error: report.error === undefined ? error : `${report.error}; ${error}`,
      },
      exitCode: exitCode === exitCodes.done ? exitCodes.fellShort : exitCode,
    };
  }
}

function sayWhatFellShort(context: CommandContext, file: FileReport): void {
  if (file.outcome === 'refused') {
    const reason = file.error ?? 'no reason is known';
    say(context, `${file.path} was refused, nothing of it was loaded: ${reason}`);
  }
  if (file.quarantined > 0) {
    say(
      context,
      `${file.path}: ${file.quarantined} of ${file.read} records are in quarantine; see ` +
        `votes-ingest quarantine --warehouse ${context.config.warehouse}`,
    );
  }
}

/** What a hostile file holds may be endless; who wants all of it has the document and `runs`. */
function sayDrift(context: CommandContext, drift: readonly Drift[]): void {
  for (const [kind, what] of [
    ['unknown_field', 'unknown field'],
    ['unknown_vote_type', 'unknown vote type'],
  ] as const) {
    const entries = drift.filter((entry) => entry.kind === kind);
    for (const { value, count } of entries.slice(0, shownDrift)) {
      const found = `${what} ${JSON.stringify(value)} in ${count} records`;
      say(context, `warning: ${found}, which by itself keeps none of them out`);
    }
    if (entries.length > shownDrift) {
      const more = entries.length - shownDrift;
      say(
        context,
        `warning: ${more} more of ${what}; votes-ingest runs --format json has them all`,
      );
    }
  }
}

function printReport(context: CommandContext, { files, totals, durationMs }: IngestReport): void {
  const counts = (from: FileReport | IngestReport['totals']) =>
    controlTotalNames.map((name) => from[name]);
  const rows = files.map((file) => [file.path, file.outcome, ...counts(file)]);
  const total = files.length > 1 ? [['total', '', ...counts(totals)]] : [];
  printTable(context, ['file', 'outcome', ...controlTotalNames], [...rows, ...total]);
  const seconds = durationMs / 1000;
  const rate = seconds > 0 ? Math.round(totals.read / seconds) : 0;
  say(context, `${totals.read} records in ${seconds.toFixed(2)} s (${rate} a second)`);
}

/** For the bar only: what can not be looked at is refused when it is opened. */
function sizeOf(path: string): number {
  try {
    return path === standardInput ? 0 : statSync(path).size;
  } catch {
    // It goes without a total.
    return 0;
  }
}
