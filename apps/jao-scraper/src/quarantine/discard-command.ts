import {
  CommandError,
  printJson,
  printTable,
  readDecider,
  readDecisionReason,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes, findUndecidable } from '@sluice/schemas';
import type { ExitCode, QuarantineDecisionReport } from '@sluice/schemas';
import { countDecidedIn, decideQuarantined, lockQuarantined } from '@sluice/warehouse/postgres';
import type {
  DecisionToRecord,
  PostgresDatabase,
  PostgresTransaction,
} from '@sluice/warehouse/postgres';

import { onDatabase } from '../collect/collect-context.ts';
import { inLedger } from '../collect/collect-run.ts';
import { plainRun } from '../collect/plain-run.ts';
import type { CommandContext } from '../command-context.ts';
import { openMigrated } from '../database/open-database.ts';
import { parseEntryChoice } from './entry-filter.ts';
import type { EntryChoice, EntryChoiceOptions } from './entry-filter.ts';
import { readChosen } from './read-entries.ts';

/** How many of a call's entries are named where it is refused. */
const namedProblems = 10;

/** The options of `quarantine discard`. */
export interface DiscardCommandOptions extends EntryChoiceOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly format: Format;
}

/**
 * `jao-scraper quarantine discard`: these cells are never to be data, for a stated reason. All of a call
 * are decided, or none; who decides about one of them at the same moment waits, and is told.
 */
export async function discardCommand(
  context: CommandContext,
  options: DiscardCommandOptions,
): Promise<ExitCode> {
  if (options.format === 'csv') {
    throw new CommandError('--format csv: a decision prints a table, or json', {
      exitCode: exitCodes.usage,
    });
  }
  const reason = readDecisionReason(options.reason);
  const by = readDecider(options.by);
  const choice = parseEntryChoice(context, options);
  const db = await openMigrated(context, { role: 'worker', poolSize: 2 });
  try {
    const report = await discard(context, db, choice, { by, reason });
    if (options.format === 'json') {
      printJson(context, report);
    } else {
      printTable(context, ['discarded', 'by', 'why'], [[report.entries, by, reason]]);
    }
    return exitCodes.done;
  } finally {
    await db.close();
  }
}

async function discard(
  context: CommandContext,
  db: PostgresDatabase,
  choice: EntryChoice,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<QuarantineDecisionReport> {
  const run = plainRun(context, db);
  const decision = { state: 'discarded', by, reason, runId: run.runId } as const;
  return inLedger(run, { command: 'quarantine discard', dataset: undefined }, async () => {
    const entries = await onDatabase(run, () =>
      db.transaction((tx) => decide(tx, choice, decision)),
    );
    return { result: { ...decision, entries }, error: undefined };
  });
}

/** May be repeated: an error at COMMIT may have hidden that it was done, which the run's id tells. */
async function decide(
  tx: PostgresTransaction,
  choice: EntryChoice,
  decision: DecisionToRecord,
): Promise<number> {
  if ('filter' in choice) {
    // What somebody else decides before these are locked is open no more, and so not of the choice.
    const ids = (await readChosen(tx, choice.filter)).map(({ id }) => id);
    await lockQuarantined(tx, ids);
    await decideQuarantined(tx, ids, decision);
    return countDecidedIn(tx, decision.runId);
  }
  const found = await lockQuarantined(tx, choice.ids);
  const ours = new Set(
    found.flatMap((entry) => (entry.decision?.runId === decision.runId ? [entry.id] : [])),
  );
  const ids = choice.ids.filter((id) => !ours.has(id));
  const problems = findUndecidable(ids, found, decision.state);
  if (problems.length > 0) {
    const more = problems.length - namedProblems;
    throw new CommandError(
      [...problems.slice(0, namedProblems), ...(more > 0 ? [`and ${more} more`] : [])].join('; ') +
        '. Nothing was discarded',
    );
  }
  await decideQuarantined(tx, ids, decision);
  return countDecidedIn(tx, decision.runId);
}
