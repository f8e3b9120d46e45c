import type { ColumnProfile } from '@sluice/schemas/expectations';

import { join, sql } from '../sql/sql.ts';
import { countOf, readRows } from './read-figures.ts';
import type { ProfileSource } from './read-figures.ts';

/** How many sets of columns are tried, the likeliest first. */
const maxTried = 24;

/**
 * Smallest sets of one to three columns, none of them with a null, whose values together are in one row
 * each. The declared key is tried first, whatever its size, and where it is one no others are looked for;
 * doubles are no keys.
 */
export async function findKeys(
  source: ProfileSource,
  columns: readonly ColumnProfile[],
): Promise<string[][]> {
  const rows = (columns[0]?.filled ?? 0) + (columns[0]?.nulls ?? 0);
  if (rows < 2) {
    return [];
  }
  const parts = columns.filter(
    ({ type, nulls, distinct }) => type !== 'double' && nulls === 0 && distinct > 1,
  );
  const keys = parts.filter(({ distinct }) => distinct === rows).map(({ name }) => [name]);
  const byName = new Map(parts.map((part) => [part.name, part]));
  const declared = source.context.shape.key;
  const candidates = [
    ...(declared.length > 1 && declared.every((name) => byName.has(name)) ? [[...declared]] : []),
    ...(keys.length > 0 ? [] : combinations(parts, rows)),
  ];
  for (const names of candidates.slice(0, maxTried)) {
    if (keys.some((key) => sameNames(key, declared))) {
      break;
    }
    const contains = (key: readonly string[]): boolean => key.every((name) => names.includes(name));
    if (!keys.some(contains) && (await countGroups(source, names)) === rows) {
      keys.push(names);
    }
  }
  return keys;
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name));
}

/** Pairs and triples that have enough combinations, with the fewest too many first. */
function combinations(parts: readonly ColumnProfile[], rows: number): string[][] {
  const pairs = parts.flatMap((first, index) =>
    parts.slice(index + 1).map((other) => [first, other]),
  );
  const triples = parts.flatMap((first, index) =>
    parts
      .slice(index + 1)
      .flatMap((second, place) =>
        parts.slice(index + place + 2).map((third) => [first, second, third]),
      ),
  );
  const product = (set: readonly ColumnProfile[]): number =>
    set.reduce((sum, { distinct }) => sum * distinct, 1);
  const likely = (sets: readonly ColumnProfile[][]): string[][] =>
    sets
      .filter((set) => product(set) >= rows)
      .sort((a, b) => product(a) - product(b))
      .map((set) => set.map(({ name }) => name));
  return [...likely(pairs).slice(0, maxTried / 2), ...likely(triples)];
}

async function countGroups(source: ProfileSource, names: readonly string[]): Promise<number> {
  const { context } = source;
  const values = join(
    names.map((name) => context.column(name)),
    ', ',
  );
  const [row] = await readRows(
    source,
    sql`select count(*)::text as n from (select 1 as one${context.from} group by ${values}) as g`,
  );
  return countOf(row?.['n']);
}
