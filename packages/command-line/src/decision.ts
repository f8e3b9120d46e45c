import { exitCodes } from '@sluice/schemas';
import type { QuarantineVerdict } from '@sluice/schemas';
import { userInfo } from 'node:os';

import { CommandError } from './errors.ts';
import type { Format } from './program.ts';

/** Enough for a name, and for a sentence or two with a link. */
const maxNameLength = 200;
const maxReasonLength = 2_000;
/** How many of a call's problems are named where it is refused. */
const namedProblems = 10;

/**
 * Who decides: what `--by` says, else the user of the operating system, by number where a container
 * has no name for it.
 *
 * @throws {CommandError} wrong usage: an empty name.
 */
export function readDecider(by: string | undefined): string {
  return by === undefined ? systemUser() : readText('--by', by, maxNameLength);
}

/**
 * Why something is decided.
 *
 * @throws {CommandError} wrong usage: none, or an empty one.
 */
export function readDecisionReason(reason: string | undefined): string {
  if (reason === undefined) {
    throw usageError('--reason is missing: say why, in words that whoever asks later understands');
  }
  return readText('--reason', reason, maxReasonLength);
}

/** @throws {CommandError} wrong usage: a decision is one row, whose columns depend on it. */
export function refuseCsv(format: Format): void {
  if (format === 'csv') {
    throw usageError('--format csv: a decision prints a table, or json');
  }
}

/**
 * Refuses a decision of which there are problems.
 *
 * @throws {CommandError} that tells why nothing was decided; wrong usage where `isUsage`.
 */
export function refuseUndecidable(
  problems: readonly string[],
  { verdict, isUsage = false }: { readonly verdict: QuarantineVerdict; readonly isUsage?: boolean },
): void {
  if (problems.length > 0) {
    const more = problems.length - namedProblems;
    throw new CommandError(
      [...problems.slice(0, namedProblems), ...(more > 0 ? [`and ${more} more`] : [])].join('; ') +
        `. Nothing was ${verdict}`,
      { exitCode: isUsage ? exitCodes.usage : exitCodes.failed },
    );
  }
}

function readText(flag: string, text: string, maxLength: number): string {
  const trimmed = text.trim();
  if (trimmed === '') {
    throw usageError(`${flag}: it is empty`);
  }
  if (trimmed.length > maxLength) {
    throw usageError(`${flag}: it has ${trimmed.length} characters, over ${maxLength}`);
  }
  if (trimmed.includes('\0')) {
    throw usageError(`${flag}: it has a NUL character`);
  }
  return trimmed;
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under any number, without an entry for it.
    return `user ${process.getuid?.() ?? 'without a name'}`;
  }
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
