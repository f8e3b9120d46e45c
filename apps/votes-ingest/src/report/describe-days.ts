import { formatCount, formatCountOf } from '@sluice/report';
import type { CoverageSection } from '@sluice/report';

import { dayColumns, monthRows } from './month-grid.ts';
import type { DayFacts } from './read-votes-facts.ts';

/** Which days have votes: a row for each month, a column for each of its days. */
export function describeDays(days: DayFacts): CoverageSection {
  const { first, last, observed, missing, recent, recentFrom, gaps, totalGaps } = days;
  const daysOfVotes = new Set(recent);
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
    columns: dayColumns,
    rows:
      first === null || last === null || recentFrom === null
        ? []
        : monthRows({ from: recentFrom, to: last }, (day) =>
            daysOfVotes.has(day) ? 'present' : 'not_provided',
          ),
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
