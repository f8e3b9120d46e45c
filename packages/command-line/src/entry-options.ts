import { exitCodes, quarantineStates } from '@sluice/schemas';
import type { QuarantineState } from '@sluice/schemas';

import { CommandError } from './errors.ts';

/**
 * The states that `--state` names: those of open entries where it is absent, and `all`.
 *
 * @throws {CommandError} wrong usage: no state.
 */
export function parseEntryStates(given: readonly string[] | undefined): readonly QuarantineState[] {
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

/** @throws {CommandError} wrong usage: `--state` where only open entries can be meant. */
export function refuseOtherStates(given: readonly string[] | undefined): void {
  if (given?.some((state) => state !== 'open') === true) {
    throw usageError('--state: only open entries can be decided, and each is decided once');
  }
}

/**
 * The ids of entries, each once.
 *
 * @throws {CommandError} wrong usage: no id.
 */
export function parseEntryIds(
  { program }: { readonly program: string },
  given: readonly string[],
): readonly number[] {
  const wrong = given.filter((text) => !/^[1-9]\d{0,14}$/.test(text));
  if (wrong.length > 0) {
    throw usageError(
      `${wrong.map((text) => JSON.stringify(text)).join(', ')}: an entry's id is a whole number; ` +
        `${program} quarantine lists them`,
    );
  }
  return [...new Set(given.map(Number))];
}

/**
 * Whether entries are named by ids, or else chosen by a filter.
 *
 * @throws {CommandError} wrong usage: neither ids nor `--all`, or both, or ids and a filter.
 */
export function areNamedByIds({
  ids,
  isAll,
  isFiltered,
}: {
  readonly ids: readonly number[];
  readonly isAll: boolean;
  readonly isFiltered: boolean;
}): boolean {
  if (isAll) {
    if (ids.length > 0) {
      throw usageError('--all and ids: choose one of them');
    }
    return false;
  }
  if (ids.length === 0) {
    throw usageError('name entries by their ids, or choose them by --all and a filter');
  }
  if (isFiltered) {
    throw usageError('ids name the entries already; a filter goes with --all');
  }
  return true;
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
