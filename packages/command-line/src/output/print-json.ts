import type { CommandContext } from '../command-context.ts';
import { bigintAsText } from './cell-value.ts';

/** Prints one JSON document. Integers beyond 2^53 are strings. */
export function printJson(
  { output }: Pick<CommandContext<unknown>, 'output'>,
  document: unknown,
): void {
  output.write(`${JSON.stringify(document, bigintAsText, 2)}\n`);
}
