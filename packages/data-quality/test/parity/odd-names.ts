import { oddColumns } from './odd-table.ts';
import type { RandomSource } from './random-source.ts';

/** The columns of the odd table. */
export const names = Object.keys(oddColumns) as (keyof typeof oddColumns)[]; // the object's own names

/** A member of {@link names}. */
export type Name = (typeof names)[number];

/** A column of a type. */
export function ofType(random: RandomSource, type: (typeof oddColumns)[Name]): Name {
  return random.pick(names.filter((name) => oddColumns[name] === type));
}
