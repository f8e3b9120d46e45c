import { oneLine } from './one-line.ts';

/** A name as a reference token of a JSON pointer (RFC 6901 §3). */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A name as pointers and messages have it: in one line, cut. */
export function printedName(name: string): string {
  return oneLine(name);
}
