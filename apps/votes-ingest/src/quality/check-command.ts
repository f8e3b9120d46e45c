import { CommandError, printCsv, printJson, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { hasFailingKeys } from '@sluice/schemas/expectations';
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
  const { history, keys = false } = options;
  if (keys && history !== undefined) {
    throw usageError('--keys lists rows of today, and --history tells of earlier runs: give one');
  }
  if (typeof history === 'string' && options.check !== undefined) {
    throw usageError(
      `--history ${history} and --check: give one; --history without an id is of those that --check names`,
    );
  }
  const wanted = typeof history === 'string' ? [history] : options.check;
  const suite = chosenChecks(context, wanted);
  if (history !== undefined) {
    return printTrend(context, suite, options);
  }
  if (wanted !== undefined) {
    refuseUnrun(suite, { keys });
  }
  return keys ? printFailingKeys(context, suite, options) : runAndPrint(context, suite, options);
}

/** Named checks of which nothing would be printed: those of files, and with `--keys` those without any. */
function refuseUnrun(
  { expectations }: ExpectationSuite,
  { keys }: { readonly keys: boolean },
): void {
  const ofFiles = expectations.filter(({ of }) => of?.every((part) => part === 'batch') === true);
  if (ofFiles.length > 0) {
    throw usageError(
      `--check: ${listIds(ofFiles)}: it is run of each file, when that is ingested; ` +
        '--history prints what it found',
    );
  }
  const keyless = keys ? expectations.filter(({ kind }) => !hasFailingKeys(kind)) : [];
  if (keyless.length > 0) {
    throw usageError(
      `--keys: ${listIds(keyless)}: it is about all rows together, and nothing that fails it has a key`,
    );
  }
}

function listIds(expectations: ExpectationSuite['expectations']): string {
  return expectations.map(({ id }) => id).join(', ');
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
