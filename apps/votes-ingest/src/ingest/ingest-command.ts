import type { ExitCode, FileReport, IngestReport } from '@sluice/schemas';
import { controlTotalNames } from '@sluice/schemas';

import { statSync } from 'node:fs';

import type { CommandContext, Format } from '../command-context.ts';
import { startProgress } from '../output/progress.ts';
import { printJson, printTable } from '../output/print-table.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { ingest } from './ingest.ts';

/** The options of `ingest`. */
export interface IngestCommandOptions {
  readonly args: readonly string[];
  readonly format: Format;
}

/** `votes-ingest ingest`: see {@link ingest}. */
export async function ingestCommand(
  context: CommandContext,
  { args, format }: IngestCommandOptions,
): Promise<ExitCode> {
  const { config, messages } = context;
  const progress = await startProgress(messages);
  const say = (text: string): void => {
    messages.write(`votes-ingest: ${text}\n`);
  };
  const { report, exitCode } = await ingest({
    inputs: args,
    warehouse: warehouseOptions(context),
    policy: config.onConflict,
    gate: config.maxQuarantined,
    signal: context.signal,
    now: context.now,
    onFileStart: (path) => {
      progress.start(path, statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    },
    onBytesRead: (bytesRead) => {
      progress.update(bytesRead);
    },
    onFileEnd: (file) => {
      progress.stop();
      sayWhatFellShort(file, config.warehouse, say);
    },
    onAbandoned: (runId) => {
      say(
        `run ${runId} had died without saying so; it is marked abandoned, and nothing of it is lost`,
      );
    },
  });
  progress.stop();
  for (const { kind, value, count } of report.drift) {
    const what = kind === 'unknown_field' ? 'unknown field' : 'unknown vote type';
    say(`warning: ${what} ${JSON.stringify(value)} in ${count} records; they were kept`);
  }
  if (report.error !== undefined) {
    say(report.error);
  }
  if (format === 'json') {
    printJson(context, report);
  } else {
    printReport(context, report);
  }
  return exitCode;
}

function sayWhatFellShort(file: FileReport, warehouse: string, say: (text: string) => void): void {
  if (file.outcome === 'refused') {
    say(
      `${file.path} was refused, nothing of it was loaded: ${file.error ?? 'no reason is known'}`,
    );
  }
  if (file.quarantined > 0) {
    say(
      `${file.path}: ${file.quarantined} of ${file.read} records are in quarantine; see ` +
        `votes-ingest quarantine --warehouse ${warehouse}`,
    );
  }
}

function printReport(context: CommandContext, { files, totals, durationMs }: IngestReport): void {
  const counts = (from: FileReport | IngestReport['totals']) =>
    controlTotalNames.map((name) => from[name]);
  const rows = files.map((file) => [file.path, file.outcome, ...counts(file)]);
  const total = files.length > 1 ? [['total', '', ...counts(totals)]] : [];
  printTable(context, ['file', 'outcome', ...controlTotalNames], [...rows, ...total]);
  const rate = durationMs > 0 ? Math.round(totals.read / (durationMs / 1000)) : 0;
  context.messages.write(
    `votes-ingest: ${totals.read} records in ${(durationMs / 1000).toFixed(2)} s (${rate} a second)\n`,
  );
}
