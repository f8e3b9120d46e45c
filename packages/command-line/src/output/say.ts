import type { CommandContext } from '../command-context.ts';
import { printable } from './printable.ts';

/** Writes one line of news to standard error, in the program's name. */
export function say(
  { program, messages }: Pick<CommandContext<unknown>, 'program' | 'messages'>,
  text: string,
): void {
  messages.write(`${program}: ${printable(text)}\n`);
}
