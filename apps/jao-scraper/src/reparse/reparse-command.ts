import { printJson, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { ReparseReport } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import type { WantedDay } from '../backfill/day-queue.ts';
import { inLedger } from '../collect/collect-run.ts';
import { plainRun } from '../collect/plain-run.ts';
import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { selectRecorded } from '../replay/select-recorded.ts';
import type { RecordedOptions } from '../replay/select-recorded.ts';
import { readDatasetIds } from '../store/catalogue.ts';
import { ReparseCounter } from './count-reparsed.ts';
import { reparseAll, reparseConnections } from './reparse-all.ts';

/** The options of `reparse`. */
export interface ReparseCommandOptions extends RecordedOptions {
  readonly format: Format;
}

/** `jao-scraper reparse`: reads the stored payloads again; see `reparseDay`. */
export async function reparseCommand(
  context: CommandContext,
  options: ReparseCommandOptions,
): Promise<ExitCode> {
  const report = await withMigratedDatabase(
    context,
    { role: 'worker', poolSize: reparseConnections },
    (db) => reparse(context, db, options),
  );
  printReport(context, report, options.format);
  return report.outcome === 'succeeded' ? exitCodes.done : exitCodes.fellShort;
}

async function reparse(
  context: CommandContext,
  db: PostgresDatabase,
  options: ReparseCommandOptions,
): Promise<ReparseReport> {
  const beganMs = performance.now();
  const run = plainRun(context, db);
  const days = await wantedDays(context, db, options);
  const [first] = days;
  const isOneDataset = days.every(({ contract }) => contract === first?.contract);
  return inLedger(
    run,
    { command: 'reparse', dataset: isOneDataset ? first?.contract.name : undefined },
    async () => {
      const counter = new ReparseCounter(days);
      await reparseAll(context, run, { days, counter, by: 'jao-scraper reparse' });
      const { failures } = counter;
      const error =
        failures.length === 0 ? undefined : `${failures.length} days could not be read again`;
      const result: ReparseReport = {
        runId: run.runId,
        outcome: error === undefined ? 'succeeded' : 'failed',
        datasets: counter.datasets,
        durationMs: Math.round(performance.now() - beganMs),
        ...(failures.length === 0 ? {} : { failures }),
      };
      return { result, error };
    },
  );
}

async function wantedDays(
  context: CommandContext,
  db: PostgresDatabase,
  options: ReparseCommandOptions,
): Promise<readonly WantedDay[]> {
  const datasetIds = await readDatasetIds(db);
  const recorded = await selectRecorded(context, db, options);
  return recorded.flatMap(({ contract, days }) =>
    days.map((day) => ({ contract, day, datasetId: datasetIds.get(contract.name) ?? -1 })),
  );
}

function printReport(context: CommandContext, report: ReparseReport, format: Format): void {
  if (format === 'json') {
    printJson(context, report);
  } else {
    printTable(
      context,
      ['dataset', 'days', 'rebuilt', 'corrected', 'unchanged', 'failed', 'versions', 'replayed'],
      report.datasets.map(({ region, dataset, days, versions, quarantine }) => [
        `${region}/${dataset}`,
        days.requested,
        days.rebuilt,
        days.corrected,
        days.unchanged,
        days.failed,
        versions.rebuilt + versions.corrected,
        quarantine.replayed,
      ]),
    );
  }
  for (const { dataset, businessDay, message } of report.failures ?? []) {
    say(context, `${dataset} ${businessDay}: ${message}; backfill --refetch asks for it again`);
  }
}
