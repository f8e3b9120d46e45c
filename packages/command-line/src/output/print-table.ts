import Table from 'cli-table3';
import { stripVTControlCharacters } from 'node:util';

import type { CommandContext } from '../command-context.ts';
import { printable } from './printable.ts';

/** Below it nobody reads a column of text. */
const minTextWidth = 20;
const padding = 2;

/** How a table is printed. */
export interface TableOptions {
  /**
   * The most characters that a line may have: the widest columns are wrapped for it, at blanks where they can be.
   * @default no limit
   */
  readonly maxWidth?: number;
}

/** Prints rows under a head, numbers to the right; plain text where the stream is no terminal. */
export function printTable(
  { output, hasColor }: Pick<CommandContext<unknown>, 'output' | 'hasColor'>,
  head: readonly string[],
  rows: readonly (readonly (string | number | bigint | null)[])[],
  { maxWidth = Number.POSITIVE_INFINITY }: TableOptions = {},
): void {
  const isNumeric = head.map((_, column) =>
    rows.some((row) => typeof row[column] === 'number' || typeof row[column] === 'bigint'),
  );
  const texts = rows.map((row) =>
    row.map((cell) => (cell === null ? '' : printable(String(cell)))),
  );
  const draw = (cells: readonly (readonly string[])[]): string => {
    const table = new Table({
      head: [...head],
      colAligns: isNumeric.map((isRight) => (isRight ? 'right' : 'left')),
      style: hasColor(output) ? { head: ['cyan'], border: ['gray'] } : { head: [], border: [] },
    });
    table.push(...cells.map((row) => [...row]));
    return withoutInnerRules(table.toString());
  };
  const drawn = draw(texts);
  const widths = widthsOf(drawn);
  const fitting = fitWidths(widths, maxWidth);
  const isFitting = fitting.every((width, column) => width === widths[column]);
  const wrapped = isFitting
    ? drawn
    : draw(
        texts.map((row) => row.map((text, column) => wrapText(text, fitting[column] ?? maxWidth))),
      );
  output.write(`${wrapped}\n`);
}

/** The rule under the head stays, those between rows go: cli-table3 draws all of them or none. */
function withoutInnerRules(text: string): string {
  const isRule = (line: string): boolean => stripVTControlCharacters(line).startsWith('├');
  const lines = text.split('\n');
  const headRule = lines.findIndex(isRule);
  return lines.filter((line, index) => index === headRule || !isRule(line)).join('\n');
}

/** Of each column of a drawn table, the characters that its cells have room for. */
function widthsOf(drawn: string): readonly number[] {
  const [rule = ''] = stripVTControlCharacters(drawn).split('\n');
  return rule
    .slice(1, -1)
    .split('┬')
    .map((part) => part.length - padding);
}

function fitWidths(widths: readonly number[], maxWidth: number): readonly number[] {
  const fitting = [...widths];
  const borders = widths.length * (padding + 1) + 1;
  let excess = widths.reduce((sum, width) => sum + width, borders) - maxWidth;
  while (excess > 0) {
    const widest = Math.max(...fitting);
    if (widest <= minTextWidth) {
      break;
    }
    const width = Math.max(minTextWidth, widest - excess);
    fitting[fitting.indexOf(widest)] = width;
    excess -= widest - width;
  }
  return fitting;
}

/** Breaks a text at blanks, and words that are too long anywhere: nothing of it is left out. */
function wrapText(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = line === '' ? word : `${line} ${word}`;
    if (rest.length > width && line !== '') {
      lines.push(line);
      rest = word;
    }
    for (; rest.length > width; rest = rest.slice(width)) {
      lines.push(rest.slice(0, width));
    }
    line = rest;
  }
  return [...lines, line].join('\n');
}
