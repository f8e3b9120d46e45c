import { readDecisionReason } from '@sluice/command-line';
import type { ExitCode } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { Spool } from '../ingest/spool.ts';
import { decideCommand } from './decide-entries.ts';
import type { DecideCommandOptions } from './decide-entries.ts';
import { releaseEntries } from './release-entries.ts';

/** Why, where nobody says it: releasing is saying that the check was wrong about the record. */
const defaultReason = 'let through as it is';

/** `votes-ingest quarantine release`: lets records through, as they are, that a check held back. */
export async function releaseCommand(
  context: CommandContext,
  options: DecideCommandOptions,
): Promise<ExitCode> {
  const { config, signal } = context;
  return decideCommand(context, options, {
    state: 'released',
    reason: options.reason === undefined ? defaultReason : readDecisionReason(options.reason),
    decide: async (warehouse, filter, decision) => {
      const spool = await Spool.create(warehouse);
      try {
        const { entries, ...became } = await releaseEntries(
          { warehouse, spool, policy: config.onConflict, signal },
          filter,
          decision,
        );
        return { entries, became };
      } finally {
        spool.close();
      }
    },
  });
}
