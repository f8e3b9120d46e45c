import {
  areNamedByIds,
  CommandError,
  parseEntryIds,
  printDecision,
  readDecider,
  refuseCsv,
  refuseOtherStates,
  refuseUndecidable,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes, failedCheckReason, findUndecidable } from '@sluice/schemas';
import type { ExitCode, QuarantineDecisionReport } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { runInLedger } from '../warehouse/ledger-run.ts';
import { openForWriting } from '../warehouse/open-warehouse.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { parseEntryFilter, refuseUnknownNames } from './entry-filter.ts';
import type { EntryFilterOptions } from './entry-filter.ts';
import { readEntries } from './read-entries.ts';
import type { EntryFilter } from './read-entries.ts';

/** The options of `quarantine discard` and `quarantine release`. */
export interface DecideCommandOptions extends EntryFilterOptions {
  /** Ids of entries. */
  readonly args: readonly string[];
  /** Instead of ids: all open entries of the filter. */
  readonly all?: boolean;
  readonly state?: readonly string[];
  readonly by?: string;
  readonly reason?: string;
  readonly format: Format;
}

/** A decision, before it is made. */
export interface DecisionToMake {
  readonly state: 'discarded' | 'released';
  readonly by: string;
  readonly reason: string;
  readonly runId: string;
}

/** What a decision did. */
export type DecisionMade = Pick<QuarantineDecisionReport, 'entries' | 'became'>;

/** What is decided, and how. */
export interface DecideSettings {
  readonly state: DecisionToMake['state'];
  readonly reason: string;
  readonly decide: (
    warehouse: DuckDbWarehouse,
    filter: EntryFilter,
    decision: DecisionToMake,
  ) => Promise<DecisionMade>;
}

/**
 * Decides entries as one run of the ledger: all of a call, or none. What can not be decided is found
 * before the run begins, since nobody else writes to a warehouse that is open.
 *
 * @throws {CommandError} wrong usage; or an entry that is not there, or was decided before.
 */
export async function decideCommand(
  context: CommandContext,
  options: DecideCommandOptions,
  { state, reason, decide }: DecideSettings,
): Promise<ExitCode> {
  const filter = parseChoice(context, options, state);
  const by = readDecider(options.by);
  const warehouse = await openForWriting(warehouseOptions(context), { mustExist: true });
  try {
    await refuseUnknownNames(warehouse, filter);
    await refuseUndecidableIds(warehouse, filter, state);
    const { runId, result, exitCode } = await runInLedger(
      context,
      warehouse,
      state === 'released' ? 'quarantine release' : 'quarantine discard',
      (id) => decide(warehouse, filter, { state, by, reason, runId: id }),
    );
    printDecision(context, { runId, state, by, reason, ...result }, options.format);
    return exitCode;
  } finally {
    warehouse.close();
  }
}

/** The entries that a call is about. */
function parseChoice(
  context: CommandContext,
  options: DecideCommandOptions,
  state: DecideSettings['state'],
): EntryFilter {
  refuseOtherStates(options.state);
  refuseCsv(options.format);
  const filter = parseEntryFilter(options);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const ids = parseEntryIds(context, options.args);
  if (areNamedByIds({ ids, isAll: options.all === true, isFiltered })) {
    return { ids };
  }
  if (state === 'discarded') {
    return filter;
  }
  if (filter.reasonCode !== undefined && filter.reasonCode !== failedCheckReason) {
    throw new CommandError(
      `--reason-code ${filter.reasonCode}: only what a check held back can be released`,
      { exitCode: exitCodes.usage },
    );
  }
  return { ...filter, reasonCode: failedCheckReason };
}

async function refuseUndecidableIds(
  warehouse: DuckDbWarehouse,
  { ids }: EntryFilter,
  state: DecideSettings['state'],
): Promise<void> {
  if (ids === undefined) {
    // Whatever a filter chooses is open, and of the right kind.
    return;
  }
  const found = [];
  const states = ['open', 'released', 'discarded', 'replayed'] as const;
  for await (const entries of readEntries(warehouse, { ids, states })) {
    found.push(
      ...entries.map((entry) => ({
        id: entry.id,
        state: entry.state,
        reasonCode: entry.reason,
        decision: entry.decision,
      })),
    );
  }
  const there = new Set(found.map(({ id }) => id));
  const isUsage = ids.some((id) => !there.has(id));
  refuseUndecidable(findUndecidable(ids, found, state), { verdict: state, isUsage });
}
