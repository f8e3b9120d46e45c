import type { CommandContext } from '../command-context.ts';
import { printable } from './printable.ts';

/** Writes one line of news to standard error, in the program's name. */
export function say({ messages }: Pick<CommandContext, 'messages'>, text: string): void {
  messages.write(`votes-ingest: ${printable(text)}\n`);
}
