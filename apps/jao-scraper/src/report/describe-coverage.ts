import { formatCount, formatShare } from '@sluice/report';
import type { CoverageSection, GridCell, GridColumn, GridRow } from '@sluice/report';
import { coverageStates } from '@sluice/schemas/jao';
import type { BusinessDay, CoverageState } from '@sluice/schemas/jao';

import { countCoverage } from './count-coverage.ts';
import { coverageWords, quietStates, worstFirst } from './coverage-words.ts';
import { listGaps } from './list-gaps.ts';
import type { CoveragePart } from './read-coverage-facts.ts';
import type { DatasetFacts } from './read-database-facts.ts';
import { endsOf } from './report-question.ts';

/** More rows nobody looks through; those that lack something come first. */
const mostRows = 300;
const fewestRows = 20;
/** Of all calendars of a page: each cell takes some hundred bytes of it. */
const maxCells = 16_000;
const maxGaps = 100;
const weekdays = 'SMTWTFS';

/**
 * What is there of a dataset: a row for each series, a column for each business day. The more calendars a
 * page has, the fewer rows each.
 */
export function describeCoverage(
  { question, coverage }: DatasetFacts,
  calendars = 1,
): CoverageSection {
  const { contract, days } = question;
  const { from, to } = endsOf(question);
  const { cells, parts, calendar } = coverage;
  const allRows = gridRows(parts, calendar);
  const rows = cutRows(allRows, maxRowsOf(calendar.length * calendars));
  const gaps = listGaps(parts);
  return {
    kind: 'coverage',
    subject: contract.name,
    summary: `${summarize(cells)} Business days ${from} to ${to}.`,
    unit: 'cells',
    rowName: 'series',
    columnName: 'business day',
    states: coverageStates.map((state) => ({
      style: state,
      ...coverageWords[state],
      count: cells.get(state) ?? 0,
    })),
    columns: calendar.map(columnOf),
    rows,
    gaps: gaps.slice(0, maxGaps),
    emptyHint: `Nothing of ${contract.name} was asked for by then; start with: jao-scraper backfill --dataset ${contract.name}`,
    notes: [
      ...(calendar.length < days.length
        ? [
            `The calendar and the table below it begin with ${String(calendar[0])}; the sums are of all ${formatCount(days.length)} days.`,
          ]
        : []),
      ...(rows.length < allRows.length
        ? [
            `The calendar has ${formatCount(rows.length)} of ${formatCount(allRows.length)} series, those that lack something first.`,
          ]
        : []),
      ...(gaps.length > maxGaps
        ? [
            `The table has ${formatCount(maxGaps)} of ${formatCount(gaps.length)} gaps; jao-scraper coverage --dataset ${contract.name} --from ${from} --to ${to} has all.`,
          ]
        : []),
    ],
  };
}

/** One sentence: how much of what is due is there, and what is not. */
export function summarize(cells: ReadonlyMap<CoverageState, number>): string {
  const { present, due } = countCoverage([cells]);
  if (due === 0) {
    return 'No cell is due yet.';
  }
  const lacking = lackingStates(cells);
  return (
    `${formatCount(present)} of the ${formatCount(due)} cells that are due are there (${String(formatShare(present, due))})` +
    `${lacking.length === 0 ? '' : `; ${lacking.join(', ')}`}.`
  );
}

/** What is due and not there, worst first, in words. */
export function lackingStates(cells: ReadonlyMap<CoverageState, number>): string[] {
  return worstFirst.flatMap((state) => {
    const count = cells.get(state) ?? 0;
    return quietStates.has(state) || count === 0
      ? []
      : `${formatCount(count)} ${count === 1 ? 'is' : 'are'} ${coverageWords[state].label}`;
  });
}

function columnOf(day: BusinessDay): GridColumn {
  const weekday = weekdays[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? '';
  return { label: [weekday, String(Number(day.slice(8)))], group: day.slice(0, 7) };
}

function gridRows(parts: readonly CoveragePart[], calendar: readonly BusinessDay[]): GridRow[] {
  const columns = new Map(calendar.map((day, index) => [day, index]));
  const rows = new Map<string | null, Map<number, CoverageState[]>>();
  for (const { key, businessDay, state } of parts) {
    const column = columns.get(businessDay);
    if (column === undefined) continue;
    const row = rows.get(key) ?? new Map<number, CoverageState[]>();
    row.set(column, [...(row.get(column) ?? []), state]);
    rows.set(key, row);
  }
  return [...rows].map(([key, row]) => ({
    label: key ?? 'no series is known',
    cells: [...row].map(([column, states]) => cellOf(column, states)),
  }));
}

function cellOf(column: number, states: readonly CoverageState[]): GridCell {
  const style = worstFirst.find((state) => states.includes(state)) ?? 'present';
  return { column, style, isPartial: states.some((state) => state !== style) };
}

function maxRowsOf(columns: number): number {
  return Math.min(mostRows, Math.max(fewestRows, Math.floor(maxCells / Math.max(columns, 1))));
}

function cutRows(rows: readonly GridRow[], maxRows: number): readonly GridRow[] {
  if (rows.length <= maxRows) {
    return rows;
  }
  const isLacking = ({ cells }: GridRow): boolean =>
    cells.some(({ style }) => !quietStates.has(style));
  return [...rows.filter(isLacking), ...rows.filter((row) => !isLacking(row))].slice(0, maxRows);
}
