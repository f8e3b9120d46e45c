import {
  areNamedByIds,
  CommandError,
  parseEntryIds,
  parseEntryStates,
  readInstant,
  refuseOtherStates,
} from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { QuarantineState } from '@sluice/schemas';
import { cellEntryReasons, jaoDatasets } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import { z } from 'zod';

import { refuseUnknownChecks } from '../checks/check-settings.ts';
import { readDay } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';

/** The options that choose entries, as they were given. */
export interface EntryFilterOptions {
  readonly dataset?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly key?: readonly string[];
  readonly run?: string;
  readonly reasonCode?: string;
  readonly check?: string;
  readonly since?: string;
  readonly state?: readonly string[];
}

/** Which entries; what is absent does not matter. */
export interface EntryFilter {
  readonly states: readonly QuarantineState[];
  readonly datasets?: readonly string[] | undefined;
  readonly from?: BusinessDay | undefined;
  readonly to?: BusinessDay | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly runId?: string | undefined;
  readonly reasonCode?: string | undefined;
  readonly checkId?: string | undefined;
  readonly since?: Date | undefined;
  readonly ids?: readonly number[] | undefined;
}

/** @throws {CommandError} wrong usage: no dataset, day, run's id, reason code, check, instant or state. */
export function parseEntryFilter(options: EntryFilterOptions): EntryFilter {
  const { dataset, run, reasonCode } = options;
  if (run !== undefined && !z.guid().safeParse(run).success) {
    throw usageError(`--run ${JSON.stringify(run)}: it is no run's id`);
  }
  if (reasonCode !== undefined && !cellEntryReasons.some((known) => known === reasonCode)) {
    throw usageError(
      `--reason-code ${JSON.stringify(reasonCode)}: there is no such code; ` +
        `there are ${cellEntryReasons.join(', ')}`,
    );
  }
  const contracts = dataset === undefined ? jaoDatasets : selectDatasets(dataset);
  refuseUnknownChecks(contracts, options.check === undefined ? [] : [options.check]);
  const from = readDay('--from', options.from);
  const to = readDay('--to', options.to);
  if (from !== undefined && to !== undefined && from > to) {
    throw usageError(`--from ${from} is after --to ${to}`);
  }
  return {
    states: parseEntryStates(options.state),
    datasets: dataset === undefined ? undefined : contracts.map(({ name }) => name),
    from,
    to,
    keys: options.key,
    runId: run,
    reasonCode,
    checkId: options.check,
    since: readInstant('--since', options.since),
  };
}

/** Which entries a decision is about: ids, or a filter. */
export type EntryChoice = { readonly ids: readonly number[] } | { readonly filter: EntryFilter };

/** The options that choose what is decided. */
export interface EntryChoiceOptions extends EntryFilterOptions {
  /** Ids of entries. */
  readonly args: readonly string[];
  /** Instead of ids: all open entries of the filter. */
  readonly all?: boolean;
}

/** @throws {CommandError} wrong usage: neither ids nor `--all`, or both. */
export function parseEntryChoice(
  context: { readonly program: string },
  options: EntryChoiceOptions,
): EntryChoice {
  const filter = parseEntryFilter(options);
  refuseOtherStates(options.state);
  const ids = parseEntryIds(context, options.args);
  const isFiltered = Object.entries(filter).some(
    ([name, value]) => name !== 'states' && value !== undefined,
  );
  return areNamedByIds({ ids, isAll: options.all === true, isFiltered }) ? { ids } : { filter };
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
