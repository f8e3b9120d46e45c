import type { ColumnProfile, TableProfile } from '@sluice/schemas/expectations';

import { candidate, grouped, groupedOf, idOf, leastRows } from './candidate.ts';
import type { Candidate, ProfileToRead } from './candidate.ts';
import { atMostShare } from './wilson.ts';

const mostExceptions = 0.05;
/** Were two columns without relation, so many of their eighths would be the other way round. */
const leastSurprise = 0.05;
const grains = { 3_600_000: 'hour', 86_400_000: 'day', 604_800_000: 'week' } as const;

/** Keys, what is never above what, what rises with what, and what has no holes. */
export function proposeRelations(read: ProfileToRead): Candidate[] {
  return [
    ...proposeKeys(read),
    ...proposeComparisons(read),
    ...proposeOrders(read),
    ...proposeSteps(read),
  ];
}

function proposeKeys({ profile, idPrefix }: ProfileToRead): Candidate[] {
  const isTime = (name: string): boolean =>
    profile.columns.some((column) => column.name === name && column.days !== null);
  const isMoment = ([name = '', ...others]: readonly string[]): boolean =>
    others.length === 0 && isTime(name);
  // Where rows have a number of their own, that they come one at a time says nothing.
  const hasNumber = profile.keys.some((key) => !isMoment(key));
  const keys = profile.rows < leastRows ? [] : profile.keys;
  return keys
    .filter((key) => !(hasNumber && isMoment(key)))
    .map((columns) =>
      candidate(
        { id: idOf(idPrefix, columns, 'unique'), kind: 'unique', columns },
        `as many different ${columns.length === 1 ? 'values' : 'combinations'} as rows: ${grouped(profile.rows)}`,
      ),
    );
}

function proposeComparisons({ profile, idPrefix }: ProfileToRead): Candidate[] {
  // A row's own number is more or less than anything for no reason.
  const isNumberOfRow = (name: string): boolean =>
    profile.keys.some((key) => key.length === 1 && key[0] === name) &&
    profile.columns.some((item) => item.name === name && item.type === 'integer');
  return profile.pairs.flatMap(({ column, other, less, equal, greater }) => {
    const tested = less + equal + greater;
    const isRare = (rows: number): boolean => atMostShare(rows, tested) <= mostExceptions;
    const compare = isRare(less + greater)
      ? '='
      : isRare(greater)
        ? isRare(greater + equal)
          ? '<'
          : '<='
        : isRare(less)
          ? isRare(less + equal)
            ? '>'
            : '>='
          : undefined;
    const isEqual = compare === '=';
    const isOrder =
      compare !== undefined &&
      !isNumberOfRow(column) &&
      !isNumberOfRow(other) &&
      isSurprising(profile, column, other, compare);
    if (compare === undefined || !(isEqual || isOrder)) {
      return [];
    }
    const signs = {
      '=': 'equal to',
      '<': 'less than',
      '<=': 'at most',
      '>': 'greater than',
      '>=': 'at least',
    };
    const isStrict = compare === '<' || compare === '>';
    return candidate(
      {
        id: idOf(idPrefix, [column, other], isEqual ? 'equal' : isStrict ? 'apart' : 'ordered'),
        kind: 'compare',
        ...{ compare, column, other },
      },
      `${column} is ${signs[compare]} ${other}: less in ${groupedOf(less, 'row')}, equal in ${grouped(equal)}, greater in ${grouped(greater)}`,
    );
  });
}

/** Where all of one column is below all of the other, that says no more than their ranges do. */
function isSurprising(
  profile: TableProfile,
  column: string,
  other: string,
  compare: string,
): boolean {
  const [first, second] = [eighthsOf(profile, column), eighthsOf(profile, other)];
  const isAgainst = (a: number, b: number): boolean => (compare.startsWith('<') ? a > b : a < b);
  const against = first.flatMap((a) => second.filter((b) => isAgainst(a, b)));
  return against.length >= leastSurprise * first.length * second.length && against.length > 0;
}

function eighthsOf({ columns }: TableProfile, name: string): number[] {
  const column = columns.find((item) => item.name === name);
  const isNumber = column?.type === 'integer' || column?.type === 'double';
  return (column?.eighths ?? []).map((value) =>
    isNumber ? Number(value) : Date.parse(String(value).replace(/(?<!Z)$/, 'Z')),
  );
}

/** Times in the order of a key of integers. */
function proposeOrders({ profile, idPrefix }: ProfileToRead): Candidate[] {
  const isTime = ({ type, nulls, distinct }: ColumnProfile): boolean =>
    (type === 'timestamp' || type === 'instant' || type === 'date') && nulls === 0 && distinct > 2;
  const orders = profile.columns.filter(
    ({ name, type }) =>
      type === 'integer' && profile.keys.some((key) => key.length === 1 && key[0] === name),
  );
  return orders.slice(0, 2).flatMap((order) =>
    profile.columns
      .filter(isTime)
      .slice(0, 3)
      .map(({ name }) =>
        candidate(
          {
            id: idOf(
              idPrefix,
              [name],
              `rises_with_${order.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`,
            ),
            kind: 'sequence',
            ...{ column: name, orderBy: [order.name], mayRepeat: true },
          },
          `read in the order of ${order.name}, of which each row has its own`,
        ),
      ),
  );
}

/** Of what has many values one step apart. */
function proposeSteps({ profile, idPrefix }: ProfileToRead): Candidate[] {
  return profile.columns.flatMap(({ name, type, distinct, steps }) => {
    const [commonest] = steps;
    if (
      commonest === undefined ||
      atMostShare(distinct - 1 - commonest.times, distinct - 1) > mostExceptions
    ) {
      return [];
    }
    const { step, times } = commonest;
    const grain = (grains as Readonly<Record<number, string | undefined>>)[step];
    // Days of the time column are what gaps are about.
    const isDays = type !== 'integer' && grain === 'day' && name === profile.timeColumn;
    return Number.isSafeInteger(step) && step > 0 && !isDays
      ? candidate(
          {
            id: idOf(idPrefix, [name], 'no_holes'),
            kind: 'sequence',
            column: name,
            step: type === 'integer' ? step : (grain ?? { ms: step }),
          },
          `${grouped(times)} of ${grouped(distinct - 1)} neighbouring values are ` +
            `${type === 'integer' ? grouped(step) : grain === undefined ? `${grouped(step)} ms` : `one ${grain}`} apart`,
        )
      : [];
  });
}
