import Table from 'cli-table3';
import { stripVTControlCharacters } from 'node:util';

import type { CommandContext } from '../command-context.ts';
import { printable } from './printable.ts';

/** Prints rows under a head, numbers to the right; plain text where the stream is no terminal. */
export function printTable(
  { output, hasColor }: Pick<CommandContext<unknown>, 'output' | 'hasColor'>,
  head: readonly string[],
  rows: readonly (readonly (string | number | bigint | null)[])[],
): void {
  const isNumeric = head.map((_, column) =>
    rows.some((row) => typeof row[column] === 'number' || typeof row[column] === 'bigint'),
  );
  const table = new Table({
    head: [...head],
    colAligns: isNumeric.map((isRight) => (isRight ? 'right' : 'left')),
    style: hasColor(output) ? { head: ['cyan'], border: ['gray'] } : { head: [], border: [] },
  });
  for (const row of rows) {
    table.push(row.map((cell) => (cell === null ? '' : printable(String(cell)))));
  }
  output.write(`${withoutInnerRules(table.toString())}\n`);
}

/** The rule under the head stays, those between rows go: cli-table3 draws all of them or none. */
function withoutInnerRules(text: string): string {
  const isRule = (line: string): boolean => stripVTControlCharacters(line).startsWith('├');
  const lines = text.split('\n');
  const headRule = lines.findIndex(isRule);
  return lines.filter((line, index) => index === headRule || !isRule(line)).join('\n');
}
