import { CommandError, readDecisionReason } from '@sluice/command-line';
import { exitCodes, failedCheckReason } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { decideCommand } from './decide-entries.ts';
import type { DecideCommandOptions } from './decide-entries.ts';
import type { EntryChoice } from './entry-filter.ts';
import { releaseCells } from './release-cells.ts';

/** Why, where nobody says it: releasing is saying that the check was wrong about the cell. */
const defaultReason = 'let through as it is';

/**
 * `jao-scraper quarantine release`: lets cells through, as they are, that a check held back, or all cells of an
 * answer that it refused: each becomes a version, stamped now.
 */
export async function releaseCommand(
  context: CommandContext,
  options: DecideCommandOptions,
): Promise<ExitCode> {
  return decideCommand(context, options, {
    state: 'released',
    reason: options.reason === undefined ? defaultReason : readDecisionReason(options.reason),
    decide: (run, choice, decision) => releaseCells(run, ofChecks(choice), decision),
  });
}

/** @throws {CommandError} wrong usage: a filter by another reason. */
function ofChecks(choice: EntryChoice): EntryChoice {
  if ('ids' in choice) {
    return choice;
  }
  const { filter } = choice;
  if (filter.reasonCode !== undefined && filter.reasonCode !== failedCheckReason) {
    throw new CommandError(
      `--reason-code ${filter.reasonCode}: only what a check held back can be released`,
      { exitCode: exitCodes.usage },
    );
  }
  return { filter: { ...filter, reasonCode: failedCheckReason } };
}
