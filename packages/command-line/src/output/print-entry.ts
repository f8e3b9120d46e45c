import type { QuarantineDecision, QuarantineHistory } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import type { CellValue } from './cell-value.ts';
import { printTable } from './print-table.ts';
import { printable } from './printable.ts';

/** The columns of CSV that tell how an entry was decided; see {@link decisionCells}. */
export const decisionColumns = [
  'decidedAt',
  'decidedBy',
  'decisionReason',
  'decisionRunId',
] as const;

/** The cells of {@link decisionColumns}; null where nobody has decided. */
export function decisionCells(decision: QuarantineDecision | undefined): CellValue[] {
  return [
    decision?.at ?? null,
    decision?.by ?? null,
    decision?.reason ?? null,
    decision?.runId ?? null,
  ];
}

/** Prints what is known of an entry, a line for each fact, and what happened to it. */
export function printEntryFacts(
  context: Pick<CommandContext<unknown>, 'output' | 'hasColor'>,
  facts: readonly (readonly [name: string, value: string])[],
  history: QuarantineHistory,
): void {
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}${printable(value)}\n`);
  context.output.write(`${lines.join('')}\n`);
  printTable(
    context,
    ['when', 'state', 'by', 'why', 'run'],
    history.map(({ at, state, by, reason, runId }) => [at, state, by, reason, runId ?? '']),
  );
}
