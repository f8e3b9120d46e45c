import type { ColumnProfile, TableProfile } from '@sluice/schemas/expectations';

import { candidate, grouped, groupedOf, idOf, shown } from './candidate.ts';
import type { Candidate, ProfileToRead } from './candidate.ts';
import { findSentinels } from './find-sentinels.ts';
import { atMostShare } from './wilson.ts';

/** Of rows that do not fit a condition there may be so many. */
const mostExceptions = 0.05;

/** Which columns are filled, always, for some rows, or mostly; and what stands for nothing. */
export function proposeMissing({ profile, idPrefix }: ProfileToRead): Candidate[] {
  return profile.columns.flatMap((column) => {
    const sentinels = findSentinels(column);
    const values = sentinels.map(({ value }) => value);
    const said = sentinels.map(({ value, rows }) => `${shown(value)} in ${groupedOf(rows, 'row')}`);
    const condition = column.nulls > 0 ? findCondition(profile, column) : undefined;
    if (condition !== undefined) {
      const { by, filledFor, inside, outside } = condition;
      const list = filledFor.map(shown).join(', ');
      return candidate(
        {
          id: idOf(idPrefix, [column.name], 'missing'),
          kind: 'missing',
          ...{ column: column.name, sentinels: values },
          expectedWhen: { column: by, in: filledFor },
        },
        [
          `filled in ${grouped(inside.filled)} of ${groupedOf(inside.rows, 'row')} whose ${by} is one of ${list}, ` +
            `and in ${grouped(outside.filled)} of ${groupedOf(outside.rows, 'other')}`,
          ...(said.length === 0 ? [] : [`what may stand for none: ${said.join(', ')}`]),
        ].join('; '),
      );
    }
    return [...ofNulls(column, idPrefix), ...ofSentinels(column, idPrefix, values, said)];
  });
}

function ofNulls(column: ColumnProfile, idPrefix: string): Candidate[] {
  const { name, filled, nulls } = column;
  const rows = filled + nulls;
  if (filled === 0) {
    return rows === 0
      ? []
      : [
          candidate(
            { id: idOf(idPrefix, [name], 'empty'), kind: 'null', column: name },
            `empty in all ${groupedOf(rows, 'row')}`,
          ),
        ];
  }
  if (atMostShare(nulls, rows) <= mostExceptions) {
    return [
      candidate(
        { id: idOf(idPrefix, [name], 'filled'), kind: 'not_null', column: name },
        `${grouped(nulls)} of ${groupedOf(rows, 'row')} without a value`,
      ),
    ];
  }
  // The lower end of the interval, cut to two digits, so that the data at hand is within.
  const least = Math.floor((1 - atMostShare(nulls, rows)) * 100) / 100;
  const isKnown = atMostShare(0, rows) <= mostExceptions;
  return nulls === 0 || least <= 0 || !isKnown
    ? []
    : [
        candidate(
          {
            id: idOf(idPrefix, [name], 'completeness'),
            kind: 'aggregate',
            measure: { of: 'completeness', column: name },
            warn: { min: least },
          },
          `filled in ${grouped(filled)} of ${groupedOf(rows, 'row')}, and no column with few values says in which`,
        ),
      ];
}

function ofSentinels(
  { name }: ColumnProfile,
  idPrefix: string,
  values: readonly unknown[],
  said: readonly string[],
): Candidate[] {
  return values.length === 0
    ? []
    : [
        candidate(
          { id: idOf(idPrefix, [name], 'sentinel'), kind: 'no_sentinel', column: name, values },
          `what may stand for none: ${said.join(', ')}`,
          { holdsAnyway: true },
        ),
      ];
}

interface Share {
  readonly rows: number;
  readonly filled: number;
}

interface FoundCondition {
  readonly by: string;
  readonly filledFor: readonly NonNullable<ColumnProfile['min']>[];
  readonly inside: Share;
  readonly outside: Share;
}

/** The column with few values that says best in which rows another is filled. */
function findCondition(profile: TableProfile, column: ColumnProfile): FoundCondition | undefined {
  const found = profile.splits.flatMap(({ column: by, values }): FoundCondition[] => {
    const filledIn = (value: (typeof values)[number]): number => value.filled[column.name] ?? 0;
    const isInside = (value: (typeof values)[number]): boolean => 2 * filledIn(value) > value.rows;
    const shareOf = (group: typeof values): Share => ({
      rows: group.reduce((sum, { rows }) => sum + rows, 0),
      filled: group.reduce((sum, value) => sum + filledIn(value), 0),
    });
    const inside = shareOf(values.filter(isInside));
    const outside = shareOf(values.filter((value) => !isInside(value)));
    const filledFor = values
      .filter(isInside)
      .flatMap(({ value }) => (value === null ? [] : [value]));
    const isSound =
      by !== column.name &&
      filledFor.length > 0 &&
      atMostShare(outside.filled, outside.rows) <= mostExceptions;
    return isSound ? [{ by, filledFor, inside, outside }] : [];
  });
  const exceptions = ({ inside, outside }: FoundCondition): number =>
    inside.rows - inside.filled + outside.filled;
  return found.sort(
    (a, b) => exceptions(a) - exceptions(b) || a.filledFor.length - b.filledFor.length,
  )[0];
}
