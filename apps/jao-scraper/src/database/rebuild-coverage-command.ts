import { printJson, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { jaoDatasets } from '@sluice/schemas/jao';
import type { CoverageRebuildReport } from '@sluice/schemas/jao';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatasetIds } from '../store/catalogue.ts';
import { withMigratedDatabase } from './open-database.ts';

/** The options of `database rebuild-coverage`. */
export interface RebuildCoverageOptions {
  readonly dataset?: readonly string[];
  readonly format: Format;
}

/** All of a dataset's history is counted, with its clock held. */
const rebuildTimeoutMs = 600_000;

/**
 * `jao-scraper database rebuild-coverage`: makes what is kept of each day's cells anew from the
 * observations, where it differs. Whoever stores days of a dataset waits meanwhile.
 */
export async function rebuildCoverageCommand(
  context: CommandContext,
  { dataset, format }: RebuildCoverageOptions,
): Promise<ExitCode> {
  const contracts = dataset === undefined ? jaoDatasets : selectDatasets(dataset);
  const report: CoverageRebuildReport = [];
  await withMigratedDatabase(context, { role: 'worker', poolSize: 1 }, async (db) => {
    const ids = await readDatasetIds(db);
    for (const { region, dataset: name, name: fullName } of contracts) {
      context.signal.throwIfAborted();
      const counts = await db.transaction(
        (tx) =>
          tx.row(
            z.object({ days: z.int(), ranges: z.int(), changedDays: z.int() }),
            'select days, ranges, changed_days as "changedDays" from jao.rebuild_ranges($1)',
            [ids.get(fullName) ?? -1],
          ),
        { statementTimeoutMs: rebuildTimeoutMs },
      );
      if (dataset !== undefined || counts.days + counts.changedDays > 0) {
        report.push({ region, dataset: name, ...counts });
      }
    }
  });
  printReport(context, report, format);
  return exitCodes.done;
}

function printReport(context: CommandContext, report: CoverageRebuildReport, format: Format): void {
  if (format === 'json') {
    printJson(context, report);
  } else {
    printTable(
      context,
      ['dataset', 'days', 'ranges', 'changed days'],
      report.map(({ region, dataset, days, ranges, changedDays }) => [
        `${region}/${dataset}`,
        days,
        ranges,
        changedDays,
      ]),
    );
  }
  if (report.every(({ changedDays }) => changedDays === 0)) {
    say(context, 'all that is kept was as it should be');
  }
}
