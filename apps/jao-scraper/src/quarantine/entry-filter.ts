import { CommandError, readInstant } from '@sluice/command-line';
import { exitCodes, quarantineStates } from '@sluice/schemas';
import type { QuarantineState } from '@sluice/schemas';
import { cellEntryReasons } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import { z } from 'zod';

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
}

/** @throws {CommandError} wrong usage: no dataset, day, run's id, reason code, instant or state. */
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
  const from = readDay('--from', options.from);
  const to = readDay('--to', options.to);
  if (from !== undefined && to !== undefined && from > to) {
    throw usageError(`--from ${from} is after --to ${to}`);
  }
  return {
    states: parseStates(options.state),
    datasets: dataset === undefined ? undefined : selectDatasets(dataset).map(({ name }) => name),
    from,
    to,
    keys: options.key,
    runId: run,
    reasonCode,
    checkId: options.check,
    since: readInstant('--since', options.since),
  };
}

/** @throws {CommandError} wrong usage: `--state` where only open entries can be meant. */
export function refuseOtherStates({ states }: EntryFilter): void {
  if (states.some((state) => state !== 'open')) {
    throw usageError('--state: only open entries can be decided, and each is decided once');
  }
}

/**
 * The ids of entries, each once.
 *
 * @throws {CommandError} wrong usage: no id.
 */
export function parseEntryIds(given: readonly string[]): readonly number[] {
  const wrong = given.filter((text) => !/^[1-9]\d{0,14}$/.test(text));
  if (wrong.length > 0) {
    throw usageError(
      `${wrong.map((text) => JSON.stringify(text)).join(', ')}: an entry's id is a whole number; ` +
        'jao-scraper quarantine lists them',
    );
  }
  return [...new Set(given.map(Number))];
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
export function parseEntryChoice(options: EntryChoiceOptions): EntryChoice {
  const filter = parseEntryFilter(options);
  refuseOtherStates(filter);
  const ids = parseEntryIds(options.args);
  const isFiltered = Object.entries(filter).some(
    ([name, value]) => name !== 'states' && value !== undefined,
  );
  if (options.all === true) {
    if (ids.length > 0) {
      throw usageError('--all and ids: choose one of them');
    }
    return { filter };
  }
  if (ids.length === 0) {
    throw usageError('name entries by their ids, or choose them by --all and a filter');
  }
  if (isFiltered) {
    throw usageError('ids name the entries already; a filter goes with --all');
  }
  return { ids };
}

function parseStates(given: readonly string[] | undefined): readonly QuarantineState[] {
  if (given === undefined) {
    return ['open'];
  }
  const names = [...quarantineStates, 'all'];
  const unknown = given.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw usageError(
      `--state ${unknown.map((name) => JSON.stringify(name)).join(', ')}: ` +
        `there are ${names.join(', ')}`,
    );
  }
  return quarantineStates.filter((state) => given.includes(state) || given.includes('all'));
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
