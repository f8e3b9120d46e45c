import { say } from '@sluice/command-line';
import type { FileCheck } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';

/** Checks that did not pass, said one by one. */
const shownChecks = 20;

/** Says which checks files did not pass; a run of many files that all fall short would say little else. */
export function sayChecks(context: CommandContext, checks: readonly FileCheck[]): void {
  for (const { path, checkId, outcome, message, expected } of checks.slice(0, shownChecks)) {
    say(
      context,
      outcome === 'error'
        ? `${path}: check ${checkId} could not be evaluated: ${message}`
        : `${outcome === 'warned' ? 'warning: ' : ''}${path}: check ${checkId} ${outcome}: ` +
            `${message}; expected: ${expected}`,
    );
  }
  if (checks.length > shownChecks) {
    say(
      context,
      `${checks.length - shownChecks} more checks did not pass; --format json has them all`,
    );
  }
}
