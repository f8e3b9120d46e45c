import { documentFile, readPastInstant, writeDocument } from '@sluice/command-line';
import { renderReport } from '@sluice/report';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { takePeriod } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { appVersion } from '../version.ts';
import { describeDatabase } from './describe-database.ts';
import { readDatabaseFacts } from './read-database-facts.ts';
import type { ReportQuestion } from './report-question.ts';

/** The options of `report`. */
export interface ReportOptions {
  readonly dataset?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly asOf?: string;
  /** An `.html` file, or `-` for standard output. */
  readonly out: string;
  readonly overwrite?: boolean;
}

/**
 * `jao-scraper report`: what is there, what ran, what was checked and what is missing, now or as of a past
 * time, as one page of HTML. It reports, and so exits with 0 also where the data falls short.
 */
export async function reportCommand(
  context: CommandContext,
  { out, overwrite = false, ...options }: ReportOptions,
): Promise<ExitCode> {
  const now = context.now();
  const asOf = readPastInstant('--as-of', options.asOf, now) ?? now;
  const questions = selectDatasets(options.dataset).flatMap((contract): ReportQuestion | [] => {
    const days = takePeriod(context, { contract, options, now: asOf });
    return days.length === 0 ? [] : { contract, days, asOf };
  });
  const target = documentFile({ out, overwrite, doing: 'report', endings: ['.html', '.htm'] });
  // Runs are not for readers. Who connects by a URL has the rights that it gives.
  const facts = await readDatabase(context, (tx) => readDatabaseFacts(tx, questions), 'metrics');
  const page = await renderReport(describeDatabase(facts, { appVersion, asOf, now }));
  await writeDocument(context, target, page);
  return exitCodes.done;
}
