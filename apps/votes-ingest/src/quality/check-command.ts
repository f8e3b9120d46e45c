import { CommandError, printCsv, printJson, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { CheckReport, ExpectationSuite } from '@sluice/schemas/expectations';

import type { CommandContext } from '../command-context.ts';
import { runInLedger } from '../warehouse/ledger-run.ts';
import { openForWriting } from '../warehouse/open-warehouse.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { printFailingKeys } from './print-failing-keys.ts';
import { printTrend } from './print-trend.ts';
import { resultColumns } from './read-results.ts';
import { onlyChecks, runSuite, shortfallOf } from './run-suite.ts';

/** The options of `check`. */
export interface CheckCommandOptions {
  /** Ids of checks, or of groups of them. */
  readonly check?: readonly string[];
  readonly keys?: boolean;
  /** An id, or true for all. */
  readonly history?: string | boolean;
  readonly limit: number;
  readonly format: Format;
}

/**
 * `votes-ingest check`: runs the checks of the whole table, as a run of the ledger, and keeps what was
 * found. With `--keys` it lists all rows that fail instead, with `--history` what was found before:
 * these two only read.
 */
export async function checkCommand(
  context: CommandContext,
  options: CheckCommandOptions,
): Promise<ExitCode> {
  const wanted = typeof options.history === 'string' ? [options.history] : options.check;
  const suite = chosenChecks(context, wanted);
  if (options.keys === true && options.history !== undefined) {
    throw usageError('--keys lists rows of today, and --history tells of earlier runs: give one');
  }
  if (options.history !== undefined) {
    return printTrend(context, suite, options);
  }
  return options.keys === true
    ? printFailingKeys(context, suite, options)
    : runAndPrint(context, suite, options);
}

async function runAndPrint(
  context: CommandContext,
  suite: ExpectationSuite,
  { format }: CheckCommandOptions,
): Promise<ExitCode> {
  const startedMs = context.now().getTime();
  const warehouse = await openForWriting(warehouseOptions(context), { mustExist: true });
  try {
    const { runId, result, exitCode } = await runInLedger(
      context,
      warehouse,
      'check',
      async (id) => {
        const results = await warehouse.interruptible(context.signal, () =>
          runSuite(warehouse, {
            runId: id,
            suite,
            plan: context.config.arrivals,
            now: context.now(),
          }),
        );
        context.signal.throwIfAborted();
        return results;
      },
      shortfallOf,
    );
    const report: CheckReport = {
      runId,
      outcome: exitCode === exitCodes.done ? 'succeeded' : 'failed',
      results: [...result],
      durationMs: context.now().getTime() - startedMs,
    };
    await printReport(context, report, format);
    return exitCode;
  } finally {
    warehouse.close();
  }
}

async function printReport(
  context: CommandContext,
  report: CheckReport,
  format: Format,
): Promise<void> {
  const { results } = report;
  if (format === 'json') {
    printJson(context, report);
    return;
  }
  if (format === 'csv') {
    const rows = results.map((result) => resultColumns.map((name) => result[name]));
    await printCsv(
      context,
      resultColumns.map((name) => ({ name })),
      [rows],
    );
    return;
  }
  printTable(
    context,
    ['check', 'outcome', 'severity', 'observed', 'expected', 'failing', 'message'],
    results.map(({ checkId, outcome, severity, observed, expected, failing, message }) => [
      checkId,
      outcome,
      severity,
      observed,
      expected,
      failing,
      // It repeats what was observed, and may add to it.
      message === observed ? '' : message.replace(`${observed ?? ''}; `, ''),
    ]),
  );
  const shown = results.filter(({ failing }) => failing !== null && failing > 0).length;
  if (shown > 0) {
    say(context, `votes-ingest check --keys --check <id> lists all rows that fail`);
  }
}

function chosenChecks(
  { config }: CommandContext,
  wanted: readonly string[] | undefined,
): ExpectationSuite {
  try {
    return onlyChecks(config.checks, wanted);
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw usageError(`--check: ${cause.message}`);
    }
    throw cause;
  }
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
