import { readDecisionReason } from '@sluice/command-line';
import type { ExitCode } from '@sluice/schemas';
import { countDecidedIn, decideQuarantined, lockQuarantined } from '@sluice/warehouse/postgres';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import { onDatabase } from '../collect/collect-context.ts';
import type { CommandContext } from '../command-context.ts';
import { decideCommand, lockDecidable } from './decide-entries.ts';
import type { DecideCommandOptions, PersonsDecision } from './decide-entries.ts';
import type { EntryChoice } from './entry-filter.ts';
import { readChosen } from './read-entries.ts';

/** `jao-scraper quarantine discard`: these cells are never to be data, for a stated reason. */
export async function discardCommand(
  context: CommandContext,
  options: DecideCommandOptions,
): Promise<ExitCode> {
  return decideCommand(context, options, {
    state: 'discarded',
    reason: readDecisionReason(options.reason),
    decide: (run, choice, decision) =>
      onDatabase(run, () => run.db.transaction((tx) => discard(tx, choice, decision))),
  });
}

/** May be repeated: an error at COMMIT may have hidden that it was done, which the run's id tells. */
async function discard(
  tx: PostgresTransaction,
  choice: EntryChoice,
  decision: PersonsDecision,
): Promise<number> {
  if ('filter' in choice) {
    // What somebody else decides before these are locked is open no more, and so not of the choice.
    const ids = (await readChosen(tx, choice.filter)).map(({ id }) => id);
    await lockQuarantined(tx, ids);
    await decideQuarantined(tx, ids, decision);
  } else {
    await decideQuarantined(tx, await lockDecidable(tx, choice.ids, decision), decision);
  }
  return countDecidedIn(tx, decision);
}
