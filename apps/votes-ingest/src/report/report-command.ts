import { documentFile, writeDocument } from '@sluice/command-line';
import { renderReport } from '@sluice/report';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { appVersion } from '../version.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { describeVotes } from './describe-votes.ts';
import { readVotesFacts } from './read-votes-facts.ts';

/** The options of `report`. */
export interface ReportOptions {
  /** An `.html` file, or `-` for standard output. */
  readonly out: string;
  readonly overwrite?: boolean;
}

/**
 * `votes-ingest report`: what ran, what was checked and what is missing, as one page of HTML. It reports,
 * and so exits with 0 also where the data falls short.
 */
export async function reportCommand(
  context: CommandContext,
  { out, overwrite = false }: ReportOptions,
): Promise<ExitCode> {
  const target = documentFile({ out, overwrite, doing: 'report', endings: ['.html', '.htm'] });
  const { warehouse: path, arrivals: plan, coverageActions: actions } = context.config;
  const now = context.now();
  const facts = await readWarehouse(context, (warehouse) =>
    readVotesFacts(warehouse, { plan, actions, now }),
  );
  const page = await renderReport(describeVotes(facts, { appVersion, warehouse: path, now }));
  await writeDocument(context, target, page);
  return exitCodes.done;
}
