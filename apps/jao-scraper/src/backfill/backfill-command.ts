import { printJson, printTable, say, startProgress } from '@sluice/command-line';
import type { Format, Progress, ProgressUnit } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { BackfillReport } from '@sluice/schemas/jao';

import { DayChecker } from '../checks/day-checker.ts';
import { onDatabase } from '../collect/collect-context.ts';
import { runCollecting } from '../collect/collect-run.ts';
import type { CollectedRun, CollectRun } from '../collect/collect-run.ts';
import type { CommandContext } from '../command-context.ts';
import { countRequests } from '../collect/count-requests.ts';
import { readPeriod, refuseFutureDays, sayBounds } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { ensurePartitions, refreshStatistics, refreshWideViews } from '../store/upkeep.ts';
import { backfillDays } from './backfill-days.ts';
import { DayCounter } from './count-days.ts';
import type { WantedDay } from './day-queue.ts';

/** The options of `backfill`. */
export interface BackfillCommandOptions {
  readonly dataset?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly refetch?: boolean;
  /** Whether a terminal gets all fields of each line of the log. */
  readonly verbose?: boolean;
  readonly format: Format;
}

const days: ProgressUnit = { name: 'days', size: 1, digits: 0, rateDigits: 1 };

/**
 * `jao-scraper backfill`: collects business days, both ends included. A finished day is not asked for
 * again; a run that was stopped goes on where it was.
 */
export async function backfillCommand(
  context: CommandContext,
  options: BackfillCommandOptions,
): Promise<ExitCode> {
  const beganMs = performance.now();
  const now = context.now();
  const datasets = selectDatasets(options.dataset).map((contract) => {
    const period = readPeriod(contract, options, now);
    refuseFutureDays(contract, period, now);
    sayBounds(context, { contract, options, now });
    return { contract, days: period };
  });
  const requests = countRequests();
  const progress = await startProgress(context.messages, days);
  const collected = await runCollecting(
    context,
    {
      command: 'backfill',
      dataset: datasets.length === 1 ? datasets[0]?.contract.name : undefined,
      reservedTokens: 1,
      metrics: {
        ...requests.metrics,
        setPausedUntil: (untilMs) => {
          progress.relabel(`waits until ${new Date(untilMs).toISOString().slice(0, 19)}Z`);
        },
      },
      log: {
        isVerbose: options.verbose,
        print: (lines) => {
          progress.print(lines);
        },
      },
    },
    async (run) => {
      const wanted = datasets.flatMap(({ contract, days: ofDataset }) =>
        ofDataset.map((day): WantedDay => ({
          contract,
          datasetId: run.datasetId(contract.name),
          day,
        })),
      );
      const isRefetch = options.refetch === true;
      const counter = await collectAll(context, run, { wanted, isRefetch, progress });
      const error = errorOf(counter);
      const result: BackfillReport = {
        runId: run.runId,
        outcome: error === undefined ? 'succeeded' : 'failed',
        datasets: counter.datasets,
        requests: requests.requests,
        retries: requests.retries,
        durationMs: Math.round(performance.now() - beganMs),
        ...(run.collect.pause.totalMs === 0
          ? {}
          : { pausedMs: Math.ceil(run.collect.pause.totalMs) }),
        ...(counter.failures.length === 0 ? {} : { failures: [...counter.failures] }),
        ...(counter.notes.length === 0 ? {} : { notes: [...counter.notes] }),
      };
      return { result, error };
    },
  );
  const report = judgeSums(context, collected);
  printReport(context, report, options.format);
  return report.outcome === 'succeeded' ? exitCodes.done : exitCodes.fellShort;
}

/** A run whose sums are wrong has failed, and says so. */
function judgeSums(
  context: CommandContext,
  { result, wrongSums }: CollectedRun<BackfillReport>,
): BackfillReport {
  if (wrongSums === undefined) {
    return result;
  }
  say(context, wrongSums);
  return { ...result, outcome: 'failed' };
}

async function collectAll(
  context: CommandContext,
  run: CollectRun,
  {
    wanted,
    isRefetch,
    progress,
  }: {
    readonly wanted: readonly WantedDay[];
    readonly isRefetch: boolean;
    readonly progress: Progress;
  },
): Promise<DayCounter> {
  const counter = new DayCounter(wanted);
  const stored: WantedDay[] = [];
  const dates = wanted.map(({ day }) => day).sort();
  await onDatabase(run.collect, () =>
    ensurePartitions(run.db, dates.at(0) ?? '', dates.at(-1) ?? ''),
  );
  progress.start('', wanted.length);
  try {
    await backfillDays(run.collect, wanted, {
      concurrency: context.config.concurrency,
      isRefetch,
      onDay: (day, result) => {
        counter.add(day, result);
        progress.relabel(`${day.contract.name} ${day.day}`);
        progress.update(wanted.length - counter.left);
        if (result !== 'skipped' && result.outcome === 'stored') {
          stored.push(day);
        }
      },
    });
  } finally {
    progress.stop();
  }
  await refreshWideViews(run.collect);
  await refreshStatistics(run.collect, run.collect.totals.value.accepted);
  // Either reads all that was stored, and neither waits for the other.
  await Promise.all([checkStored(context, run, stored), run.sums.compareAttempts()]);
  return counter;
}

/** Checks what was stored, each dataset once: what is wrong with it is in the log, and on record. */
async function checkStored(
  context: CommandContext,
  { db, runId, log }: CollectRun,
  stored: readonly WantedDay[],
): Promise<void> {
  const settings = context.config.checks;
  const checker = new DayChecker({ db, runId, log, settings, now: context.now });
  const stop = (): void => void checker.stop();
  context.signal.addEventListener('abort', stop, { once: true });
  for (const [contract, days] of Map.groupBy(stored, (day) => day.contract)) {
    checker.addPeriod(contract, days.map(({ day }) => day).toSorted());
  }
  if (context.signal.aborted) {
    await checker.stop();
  }
  await checker.finish();
  context.signal.removeEventListener('abort', stop);
}

function errorOf({ failures, left }: DayCounter): string | undefined {
  const [first] = failures;
  const stopped =
    left === 0
      ? []
      : [`stopped on request, before it came to ${left === 1 ? '1 day' : `${left} days`}`];
  if (first === undefined) {
    return stopped[0];
  }
  const others = failures.length === 1 ? '' : `, and ${failures.length - 1} more`;
  const failed = `${first.dataset} ${first.businessDay} could not be fetched: ${first.outcome}: ${first.message}${others}`;
  return [...stopped, failed].join('; ');
}

function printReport(context: CommandContext, report: BackfillReport, format: Format): void {
  if (format === 'json') {
    printJson(context, report);
  } else {
    printTable(
      context,
      [
        'dataset',
        'days',
        'stored',
        'unchanged',
        'empty',
        'failed',
        'skipped',
        'added',
        'revised',
        'withdrawn',
        'quarantined',
      ],
      report.datasets.map(({ region, dataset, days, observations }) => [
        `${region}/${dataset}`,
        days.requested,
        days.stored,
        days.unchanged,
        days.empty,
        days.failed,
        days.skipped,
        observations.added,
        observations.revised,
        observations.withdrawn,
        observations.quarantined,
      ]),
    );
  }
  if (report.pausedMs !== undefined) {
    const [pausedS, allS] = [report.pausedMs, report.durationMs].map((ms) => Math.ceil(ms / 1_000));
    say(context, `the source wanted to be left alone for ${pausedS} s of these ${allS} s`);
  }
  for (const { dataset, businessDay, message } of report.notes ?? []) {
    say(context, [dataset, businessDay].filter(Boolean).join(' ') + `: ${message}`);
  }
  for (const { dataset, businessDay, outcome, message, advice } of report.failures ?? []) {
    say(context, `${dataset} ${businessDay}: ${outcome}: ${[message, advice].join('; ')}`);
  }
}
