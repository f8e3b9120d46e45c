import { printCsv, printJson, printTable, say } from '@sluice/command-line';
import type { CellValue, Format } from '@sluice/command-line';
import type { CheckReport, QualityResult } from '@sluice/schemas/expectations';

import type { CommandContext } from '../command-context.ts';
import { columnsNamed } from '../reading/print-rows.ts';

const columns = columnsNamed([
  'dataset',
  'check_id',
  'period_from',
  'period_to',
  'outcome',
  'severity',
  'action',
  'observed',
  'expected',
  'value',
  'tested',
  'failing',
  'message',
  'duration_ms',
]);

/** Prints what came of the checks: for people a line for each check, for programs each result. */
export async function printReport(
  context: CommandContext,
  report: CheckReport,
  format: Format,
): Promise<void> {
  switch (format) {
    case 'json':
      printJson(context, report);
      break;
    case 'csv':
      await printCsv(context, columns, oneBatch(report.results.map(cellsOf)));
      break;
    case 'table':
      printForPeople(context, report);
      break;
  }
}

function printForPeople(context: CommandContext, { results, runId }: CheckReport): void {
  const datasets = new Set(results.map(({ dataset }) => dataset));
  const named = datasets.size > 1;
  printTable(
    context,
    [
      ...(named ? ['dataset'] : []),
      'check',
      'outcome',
      'severity',
      'observed',
      'expected',
      'failing',
      'message',
    ],
    linesOf(results).map(({ result, days }) => [
      ...(named ? [result.dataset] : []),
      result.checkId,
      result.outcome,
      result.severity ?? '',
      days > 1 ? `${days} days` : `${dayOf(result)}${result.observed ?? ''}`,
      result.expected,
      result.failing,
      result.message,
    ]),
  );
  const failing = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'error');
  if (failing.some(({ failingKeys }) => failingKeys.length > 0)) {
    say(context, `--keys prints the keys of all failing rows; this is run ${runId}`);
  }
}

/** Of a check that looks at each day, days that are alike in nothing to see to are one line. */
function linesOf(
  results: readonly QualityResult[],
): readonly { readonly result: QualityResult; readonly days: number }[] {
  const lines = new Map<string, { readonly result: QualityResult; days: number }>();
  for (const result of results) {
    const isQuiet = result.outcome === 'passed' || result.outcome === 'skipped';
    const { dataset, checkId, outcome } = result;
    const name = [dataset, checkId, outcome, isQuiet ? '' : result.resultId].join('\n');
    const line = lines.get(name);
    lines.set(name, { result, days: (line?.days ?? 0) + 1 });
  }
  return [...lines.values()];
}

function dayOf({ kind, period }: QualityResult): string {
  return kind === 'anomaly' && period !== null ? `${period.from}: ` : '';
}

function cellsOf(result: QualityResult): CellValue[] {
  return [
    result.dataset,
    result.checkId,
    result.period?.from ?? null,
    result.period?.to ?? null,
    result.outcome,
    result.severity,
    result.action,
    result.observed,
    result.expected,
    result.value,
    result.tested,
    result.failing,
    result.message,
    result.durationMs,
  ];
}

async function* oneBatch(rows: CellValue[][]): AsyncGenerator<CellValue[][]> {
  yield await Promise.resolve(rows);
}
