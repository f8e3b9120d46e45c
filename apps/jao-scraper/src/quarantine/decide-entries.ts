import { printDecision, readDecider, refuseCsv, refuseUndecidable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes, findUndecidable } from '@sluice/schemas';
import type { ExitCode, QuarantineDecisionReport } from '@sluice/schemas';
import { lockQuarantined } from '@sluice/warehouse/postgres';
import type {
  DecisionToRecord,
  PostgresDatabase,
  PostgresTransaction,
} from '@sluice/warehouse/postgres';

import type { RunContext } from '../collect/collect-context.ts';
import { inLedger } from '../collect/collect-run.ts';
import { plainRun } from '../collect/plain-run.ts';
import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { parseEntryChoice } from './entry-filter.ts';
import type { EntryChoice, EntryChoiceOptions } from './entry-filter.ts';
import { refuseUnknownNames } from './refuse-unknown-names.ts';

/** For the decision, the claims of its days, and the heartbeat. */
const connections = 3;

/** The options of `quarantine discard` and `quarantine release`. */
export interface DecideCommandOptions extends EntryChoiceOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly format: Format;
}

/** A decision that a person makes. */
export interface PersonsDecision extends DecisionToRecord {
  readonly state: 'discarded' | 'released';
}

/** What is decided, and how. */
export interface DecideSettings {
  readonly state: PersonsDecision['state'];
  readonly reason: string;
  /** Decides all of the choice, or none; gives how many entries that were. May be repeated. */
  readonly decide: (
    run: RunContext,
    choice: EntryChoice,
    decision: PersonsDecision,
  ) => Promise<number>;
}

/**
 * Decides entries as one run of the ledger: all of a call, or none. Who decides about one of them at the
 * same moment waits, and is told.
 *
 * @throws {CommandError} wrong usage; or an entry that is not there, or can not be decided so.
 */
export async function decideCommand(
  context: CommandContext,
  options: DecideCommandOptions,
  { state, reason, decide }: DecideSettings,
): Promise<ExitCode> {
  refuseCsv(options.format);
  const by = readDecider(options.by);
  const choice = parseEntryChoice(context, options);
  const report = await withMigratedDatabase(
    context,
    { role: 'worker', poolSize: connections },
    async (db) => {
      if ('filter' in choice) {
        await db.read((tx) => refuseUnknownNames(tx, choice.filter));
      }
      return decideInRun(context, db, { state, by, reason }, (run, decision) =>
        decide(run, choice, decision),
      );
    },
  );
  printDecision(context, report, options.format);
  return exitCodes.done;
}

async function decideInRun(
  context: CommandContext,
  db: PostgresDatabase,
  decided: Omit<PersonsDecision, 'runId'>,
  decide: (run: RunContext, decision: PersonsDecision) => Promise<number>,
): Promise<QuarantineDecisionReport> {
  const run = plainRun(context, db);
  const decision = { ...decided, runId: run.runId };
  const command = decided.state === 'released' ? 'quarantine release' : 'quarantine discard';
  return inLedger(run, { command, dataset: undefined }, async () => {
    const entries = await decide(run, decision);
    return { result: { ...decision, entries }, error: undefined };
  });
}

/**
 * Locks entries that are named, and gives those that this run has not decided yet: an error at COMMIT
 * may have hidden that it was done.
 *
 * @throws {CommandError} where one is not there, or can not be decided so.
 */
export async function lockDecidable(
  tx: PostgresTransaction,
  ids: readonly number[],
  { state, runId }: PersonsDecision,
): Promise<readonly number[]> {
  const found = await lockQuarantined(tx, ids);
  const ours = new Set(
    found.flatMap((entry) => (entry.decision?.runId === runId ? [entry.id] : [])),
  );
  const left = ids.filter((id) => !ours.has(id));
  const there = new Set(found.map(({ id }) => id));
  const isUsage = left.some((id) => !there.has(id));
  refuseUndecidable(findUndecidable(left, found, state), { verdict: state, isUsage });
  return left;
}
