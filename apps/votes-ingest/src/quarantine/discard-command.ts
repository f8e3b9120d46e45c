import { readDecisionReason } from '@sluice/command-line';
import type { ExitCode } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { decideCommand } from './decide-entries.ts';
import type { DecideCommandOptions } from './decide-entries.ts';
import { decideEntries } from './read-entries.ts';

/** `votes-ingest quarantine discard`: these records are never to be data, for a stated reason. */
export async function discardCommand(
  context: CommandContext,
  options: DecideCommandOptions,
): Promise<ExitCode> {
  return decideCommand(context, options, {
    state: 'discarded',
    reason: readDecisionReason(options.reason),
    decide: async (warehouse, filter, decision) => ({
      entries: await warehouse.transaction(() => decideEntries(warehouse, filter, decision)),
    }),
  });
}
