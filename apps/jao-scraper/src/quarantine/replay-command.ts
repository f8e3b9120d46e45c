import {
  CommandError,
  printJson,
  printTable,
  readDecider,
  refuseOtherStates,
  say,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { findDataset, isBusinessDay } from '@sluice/schemas/jao';
import type { CellReplayReport } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { WantedDay } from '../backfill/day-queue.ts';
import { inLedger } from '../collect/collect-run.ts';
import { plainRun } from '../collect/plain-run.ts';
import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { ReparseCounter } from '../reparse/count-reparsed.ts';
import { reparseAll, reparseConnections } from '../reparse/reparse-all.ts';
import { readDatasetIds } from '../store/catalogue.ts';
import { parseEntryFilter } from './entry-filter.ts';
import type { EntryFilter, EntryFilterOptions } from './entry-filter.ts';
import { readChosen } from './read-entries.ts';
import type { ChosenEntry } from './read-entries.ts';
import { refuseUnknownNames } from './refuse-unknown-names.ts';

/** The options of `quarantine replay`. */
export interface ReplayCommandOptions extends EntryFilterOptions {
  readonly by?: string;
  readonly format: Format;
}

/**
 * `jao-scraper quarantine replay`: reads the payloads of the days again that have open entries, each day
 * as a whole under its claim, by the contract of today: what can be read now becomes data, stamped now.
 */
export async function replayCommand(
  context: CommandContext,
  options: ReplayCommandOptions,
): Promise<ExitCode> {
  if (options.format === 'csv') {
    throw new CommandError('--format csv: quarantine replay prints a table, or json', {
      exitCode: exitCodes.usage,
    });
  }
  const filter = parseEntryFilter(options);
  refuseOtherStates(options.state);
  const by = readDecider(options.by);
  const report = await withMigratedDatabase(
    context,
    { role: 'worker', poolSize: reparseConnections },
    async (db) => {
      await db.read((tx) => refuseUnknownNames(tx, filter));
      return replay(context, db, { filter, by });
    },
  );
  printReport(context, report, options.format);
  return report.outcome === 'succeeded' ? exitCodes.done : exitCodes.fellShort;
}

async function replay(
  context: CommandContext,
  db: PostgresDatabase,
  { filter, by }: { readonly filter: EntryFilter; readonly by: string },
): Promise<CellReplayReport> {
  const run = plainRun(context, db);
  return inLedger(run, { command: 'quarantine replay', dataset: undefined }, async () => {
    const chosen = await readChosen(db, filter);
    const days = await daysOf(db, chosen);
    const counter = new ReparseCounter(days);
    await reparseAll(context, run, { days, counter, by });
    const { failures, datasets } = counter;
    const { replayed, open } = await countOutcome(db, chosen, run.runId);
    const sum = (count: (of: (typeof datasets)[number]) => number): number =>
      datasets.reduce((total, dataset) => total + count(dataset), 0);
    const error =
      failures.length === 0 ? undefined : `${failures.length} days could not be read again`;
    const result: CellReplayReport = {
      runId: run.runId,
      outcome: error === undefined ? 'succeeded' : 'failed',
      days: days.length,
      tried: chosen.length,
      replayed,
      stillOpen: open,
      alsoReplayed: sum(({ quarantine }) => quarantine.replayed) - replayed,
      added: sum(({ quarantine }) => quarantine.added),
      versions: sum(({ versions }) => versions.rebuilt + versions.corrected),
      ...(failures.length === 0 ? {} : { failures }),
    };
    return { result, error };
  });
}

/** The days of the entries, each once, in order. */
async function daysOf(
  db: PostgresDatabase,
  chosen: readonly ChosenEntry[],
): Promise<readonly WantedDay[]> {
  const datasetIds = await readDatasetIds(db);
  const days = new Map<string, WantedDay>();
  for (const { dataset, businessDay } of chosen) {
    const contract = findDataset(dataset);
    const datasetId = datasetIds.get(dataset);
    if (
      contract !== undefined &&
      datasetId !== undefined &&
      businessDay !== null &&
      isBusinessDay(businessDay)
    ) {
      days.set(`${dataset} ${businessDay}`, { contract, datasetId, day: businessDay });
    }
  }
  return [...days].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, day]) => day);
}

async function countOutcome(
  db: PostgresDatabase,
  chosen: readonly ChosenEntry[],
  runId: string,
): Promise<{ readonly replayed: number; readonly open: number }> {
  return db.row(
    z.object({ replayed: z.int(), open: z.int() }),
    `select count(*) filter (where decision_run_id = $2) as replayed,
            count(*) filter (where state = 'open') as open
       from ops.quarantine where quarantine_id = any($1::bigint[])`,
    [chosen.map(({ id }) => id), runId],
  );
}

function printReport(context: CommandContext, report: CellReplayReport, format: Format): void {
  if (format === 'json') {
    printJson(context, report);
  } else {
    const { days, tried, replayed, stillOpen, alsoReplayed, added, versions } = report;
    printTable(
      context,
      ['days', 'tried', 'replayed', 'still open', 'also replayed', 'added', 'versions'],
      [[days, tried, replayed, stillOpen, alsoReplayed, added, versions]],
    );
  }
  for (const { dataset, businessDay, message } of report.failures ?? []) {
    say(context, `${dataset} ${businessDay}: ${message}; backfill --refetch asks for it again`);
  }
}
