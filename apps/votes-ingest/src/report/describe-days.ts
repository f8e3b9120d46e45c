import { formatCount, formatCountOf } from '@sluice/report';
import type { CoverageSection, GridCell, GridRow } from '@sluice/report';

import type { DayFacts } from './read-votes-facts.ts';

const columns = Array.from({ length: 31 }, (_, index) => ({
  label: [String(index + 1)],
  group: '',
}));

/** Which days have votes: a row for each month, a column for each of its days. */
export function describeDays(days: DayFacts): CoverageSection {
  const { first, last, observed, missing, recentFrom, gaps, totalGaps } = days;
  const isCut = recentFrom !== first;
  return {
    kind: 'coverage',
    subject: '',
    summary: summarize(days),
    unit: 'days',
    rowName: 'months',
    columnName: 'day of the month',
    states: [
      { style: 'present', label: 'votes', meaning: 'the day has votes', count: observed },
      {
        style: 'not_provided',
        label: 'no votes',
        meaning:
          'no file that was ingested has votes of this day, although there are earlier and later ones',
        count: missing,
      },
    ],
    columns,
    rows:
      first === null || last === null || recentFrom === null
        ? []
        : monthRows(days, recentFrom, last),
    gaps: gaps.map(({ from, to, days: count }) => ({
      subject: 'votes',
      from,
      to,
      style: 'not_provided',
      state: 'no votes',
      count,
      reason: null,
    })),
    emptyHint: 'There are no votes yet; start with: votes-ingest ingest <file>',
    notes: [
      ...(isCut
        ? [
            `The calendar begins with ${String(recentFrom)}; the sums are of all days from ${String(first)} on.`,
          ]
        : []),
      ...(gaps.length < totalGaps
        ? [
            `These are the ${formatCount(gaps.length)} longest of ${formatCount(totalGaps)} gaps; votes-ingest profile lists the weeks of all.`,
          ]
        : []),
    ],
  };
}

function summarize({ first, last, observed, missing, gaps, totalGaps }: DayFacts): string {
  const [longest] = gaps;
  const between = `${formatCountOf(observed, 'day has', 'days have')} votes, from ${String(first)} to ${String(last)}`;
  return longest === undefined
    ? `${between}; none between is without.`
    : `${between}; ${formatCountOf(missing, 'day')} between ${missing === 1 ? 'has' : 'have'} none, in ${formatCountOf(totalGaps, 'gap')}, ` +
        `the longest of ${formatCountOf(longest.days, 'day')} from ${longest.from} on.`;
}

function monthRows({ recent }: DayFacts, from: string, to: string): GridRow[] {
  const observed = new Set(recent);
  const rows: GridRow[] = [];
  for (let month = from.slice(0, 7); month <= to.slice(0, 7); month = nextMonth(month)) {
    rows.push({ label: month, cells: monthCells(month, { from, to, observed }) });
  }
  return rows;
}

function monthCells(
  month: string,
  {
    from,
    to,
    observed,
  }: { readonly from: string; readonly to: string; readonly observed: ReadonlySet<string> },
): GridCell[] {
  return columns.flatMap((_, column) => {
    const day = `${month}-${String(column + 1).padStart(2, '0')}`;
    if (day < from || day > to || column >= daysOf(month)) {
      return [];
    }
    return { column, style: observed.has(day) ? 'present' : 'not_provided', isPartial: false };
  });
}

function nextMonth(month: string): string {
  const { year, index } = partsOf(month);
  return index === 12
    ? `${String(year + 1).padStart(4, '0')}-01`
    : `${month.slice(0, 4)}-${String(index + 1).padStart(2, '0')}`;
}

function daysOf(month: string): number {
  const { year, index } = partsOf(month);
  const end = new Date(0);
  end.setUTCFullYear(year, index, 0);
  return end.getUTCDate();
}

function partsOf(month: string): { readonly year: number; readonly index: number } {
  return { year: Number(month.slice(0, 4)), index: Number(month.slice(5, 7)) };
}
