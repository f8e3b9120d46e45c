import type { TableProfile } from '@sluice/schemas/expectations';

import {
  candidate,
  changeOf,
  grouped,
  groupedOf,
  idOf,
  leastRows,
  mostChange,
} from './candidate.ts';
import type { Candidate, ProfileToRead } from './candidate.ts';

/** The change from the older half of the rows to the newer one, so many times; and never less than this. */
const changesAllowed = 2;
const leastBound = 0.05;

/** How often values occur, and how they are spread, by how much that changed within the data. */
export function proposeDistribution({ profile, idPrefix }: ProfileToRead): Candidate[] {
  if (profile.rows < leastRows || profile.timeColumn === null) {
    return [];
  }
  return [
    ...profile.splits.flatMap((split) => ofCategories(split, idPrefix)),
    ...profile.spreads.flatMap((spread) => ofSpread(profile, spread, idPrefix)),
  ];
}

type Split = TableProfile['splits'][number];
type Spread = TableProfile['spreads'][number];

function ofCategories({ column, values }: Split, idPrefix: string): Candidate[] {
  const known = values.filter(({ value }) => value !== null);
  const rows = sum(known.map((value) => value.rows));
  const older = sum(known.map((value) => value.olderRows));
  const newer = rows - older;
  if (older === 0 || newer === 0) {
    return [];
  }
  const change =
    sum(
      known.map((value) =>
        Math.abs(value.olderRows / older - (value.rows - value.olderRows) / newer),
      ),
    ) / 2;
  return change > mostChange
    ? []
    : [
        candidate(
          {
            id: idOf(idPrefix, [column], 'shares'),
            kind: 'categories',
            ...{ column, statistic: 'total_variation' },
            baseline: known.map(({ value, rows: weight }) => ({ value, weight })),
            warn: { max: boundOf(change) },
          },
          changed(change, older, newer),
        ),
      ];
}

function ofSpread(profile: TableProfile, spread: Spread, idPrefix: string): Candidate[] {
  const { column, rows, olderRows: older, points } = spread;
  const newer = rows - older;
  const isKey = profile.keys.some((key) => key.length === 1 && key[0] === column);
  const different = points.filter(
    ({ value }, index) =>
      value !== points[index - 1]?.value && Number.isSafeInteger(Math.trunc(Number(value))),
  );
  if (older === 0 || newer === 0 || isKey || different.length < 3) {
    return [];
  }
  const change = changeOf({ rows, olderRows: older, points: different });
  return change > mostChange
    ? []
    : [
        candidate(
          {
            id: idOf(idPrefix, [column], 'spread'),
            kind: 'spread',
            column,
            baseline: different.map(({ value, rows: upTo }) => ({
              value: Number(value),
              share: Number((upTo / rows).toFixed(6)),
            })),
            warn: { max: boundOf(change) },
          },
          changed(change, older, newer),
        ),
      ];
}

function changed(change: number, older: number, newer: number): string {
  return (
    `from the older half (${groupedOf(older, 'row')}) to the newer one (${grouped(newer)}) it changed by ${change.toFixed(3)}, ` +
    `and may change by twice as much, or ${leastBound}`
  );
}

function boundOf(change: number): number {
  return Math.max(leastBound, Math.ceil(changesAllowed * change * 100) / 100);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
