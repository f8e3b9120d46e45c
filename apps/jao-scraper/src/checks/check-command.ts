import { CommandError, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { decide, recordResults } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { CheckReport, QualityResult } from '@sluice/schemas/expectations';
import type { PostgresDatabase, PostgresTransaction } from '@sluice/warehouse/postgres';
import { randomUUIDv7 } from 'node:crypto';

import { keepClaims } from '../collect/claim-keeper.ts';
import { onDatabase } from '../collect/collect-context.ts';
import type { RunContext } from '../collect/collect-context.ts';
import { inLedger } from '../collect/collect-run.ts';
import { DatabaseOutage } from '../collect/database-outage.ts';
import { RunTotals } from '../collect/run-totals.ts';
import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { takePeriod } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { checkDays } from './check-days.ts';
import type { DaysToCheck } from './check-days.ts';
import { selectChecks } from './check-settings.ts';
import { printHistory } from './print-history.ts';
import { printKeys, refuseKeyless } from './print-keys.ts';
import { printReport } from './print-report.ts';

/** For each statement. A year of a large dataset takes minutes; what takes longer is stuck. */
const statementTimeoutMs = 15 * 60_000;

/** The options of `check`. */
export interface CheckCommandOptions {
  readonly dataset?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  /** Ids. */
  readonly check?: readonly string[];
  /** Print the keys of all failing rows. */
  readonly keys?: boolean;
  /** Print what was found before: of the check with this id, or of all. */
  readonly history?: string | boolean;
  readonly format: Format;
}

/**
 * `jao-scraper check`: runs the checks of datasets over a period, and puts the results on record; or
 * prints those that are on record.
 */
export async function checkCommand(
  context: CommandContext,
  options: CheckCommandOptions,
): Promise<ExitCode> {
  if (options.history !== undefined && options.history !== false) {
    if (options.keys === true) {
      throw usageError('--keys and --history: one at a time; keys are those of a new run');
    }
    if (typeof options.history === 'string' && options.check !== undefined) {
      throw usageError(
        `--history ${options.history} and --check: give one; --history without an id is of those that --check names`,
      );
    }
    return printHistory(context, {
      ...options,
      check: typeof options.history === 'string' ? [options.history] : options.check,
    });
  }
  const now = context.now();
  const runId = randomUUIDv7();
  const datasets = selectDatasets(options.dataset).map((contract): DaysToCheck => {
    const days = takePeriod(context, { contract, options, now });
    const [from = '', to = from] = [days.at(0), days.at(-1)];
    const suites = selectChecks(contract, context.config.checks, options.check);
    if (options.keys === true && options.check !== undefined) {
      refuseKeyless(suites);
    }
    return { contract, suites, period: { from, to }, compared: days, runId, now };
  });
  return withMigratedDatabase(context, { role: 'worker', poolSize: 2 }, (db) =>
    checkOnRecord(context, db, datasets, options),
  );
}

async function checkOnRecord(
  context: CommandContext,
  db: PostgresDatabase,
  datasets: readonly DaysToCheck[],
  options: CheckCommandOptions,
): Promise<ExitCode> {
  const beganMs = performance.now();
  const runId = datasets[0]?.runId ?? randomUUIDv7();
  const onNotice: RunContext['onNotice'] = (notice, details) => {
    say(context, `${notice}: ${JSON.stringify(details)}`);
  };
  const run: RunContext = {
    db,
    runId,
    totals: new RunTotals(),
    signal: context.signal,
    databaseWaitMs: context.config.databaseWait,
    outage: new DatabaseOutage(onNotice),
    onNotice,
  };
  const dataset = datasets.length === 1 ? datasets[0]?.contract.name : undefined;
  return inLedger(run, { command: 'check', dataset }, async () => {
    // Without claims it says that the run lives.
    const heartbeat = keepClaims(run);
    try {
      const results = await db.read(
        async (tx) => {
          const found = await checkAll(tx, datasets, context.signal);
          if (options.keys === true) {
            await printKeys(context, tx, { datasets, results: found, format: options.format });
          }
          return found;
        },
        { statementTimeoutMs },
      );
      await onDatabase(run, () => recordResults(postgresEngine(db), results));
      const { fellShort } = decide(results);
      const report: CheckReport = {
        runId,
        outcome: fellShort ? 'failed' : 'succeeded',
        results: [...results],
        durationMs: Math.round(performance.now() - beganMs),
      };
      if (options.keys !== true) {
        await printReport(context, report, options.format);
      }
      return {
        result: fellShort ? exitCodes.fellShort : exitCodes.done,
        error: fellShort ? describeFailures(results) : undefined,
      };
    } finally {
      await heartbeat.stop();
    }
  });
}

/** All of one moment: a check of a dataset does not see what came after that of another. */
async function checkAll(
  tx: PostgresTransaction,
  datasets: readonly DaysToCheck[],
  signal: AbortSignal,
): Promise<readonly QualityResult[]> {
  const results: QualityResult[] = [];
  for (const dataset of datasets) {
    signal.throwIfAborted();
    results.push(...(await checkDays(postgresEngine(tx), dataset)));
  }
  return results;
}

function describeFailures(results: readonly QualityResult[]): string {
  const failed = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'error');
  const names = [...new Set(failed.map(({ dataset, checkId }) => `${dataset} ${checkId}`))];
  const rest = names.length - 5;
  return `checks failed: ${names.slice(0, 5).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
