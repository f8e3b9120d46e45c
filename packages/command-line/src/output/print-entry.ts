import type {
  QuarantineDecision,
  QuarantineDecisionReport,
  QuarantineHistory,
} from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import type { Format } from '../program.ts';
import type { CellValue } from './cell-value.ts';
import { printJson } from './print-json.ts';
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

/** Prints what a decision about entries did, and what the released ones became where that differs. */
export function printDecision(
  context: Pick<CommandContext<unknown>, 'output' | 'hasColor'>,
  report: QuarantineDecisionReport,
  format: Format,
): void {
  if (format === 'json') {
    printJson(context, report);
    return;
  }
  const { state, entries, by, reason, became } = report;
  printTable(
    context,
    [state, 'by', 'why', ...(became === undefined ? [] : ['accepted', 'duplicate', 'conflicting'])],
    [
      [
        entries,
        by,
        reason,
        ...(became === undefined ? [] : [became.accepted, became.duplicate, became.conflicting]),
      ],
    ],
  );
}
