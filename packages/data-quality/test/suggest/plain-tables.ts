import type { ColumnType, TableShape } from '@sluice/schemas/expectations';

import type { CellText } from '../engines.ts';
import type { RandomSource } from '../parity/random-source.ts';

/** A table as sources have them: with keys, codes, times, texts of a form, and exceptions. */
export interface PlainTable {
  readonly shape: TableShape;
  readonly rows: readonly (readonly CellText[])[];
}

interface Recipe {
  readonly type: ColumnType;
  readonly cell: (index: number, row: readonly CellText[]) => CellText;
}

const hourMs = 3_600_000;
const startMs = Date.UTC(2024, 1, 20);

/** Random rows of such a table; its first two columns are a number and a code. */
export function plainTable(random: RandomSource): PlainTable {
  const count = random.pick([0, 3, 90, 300]);
  const steps = random.pick([1, 1, 2]);
  const codes = ['1', '2', '5', '8'].slice(0, 2 + random.below(3));
  const exceptions = random.pick([0, 0, 0.01, 0.2]);
  const isOdd = (): boolean => random.chance(exceptions);
  const time = (index: number): string =>
    new Date(startMs + (isOdd() ? 500 : index) * 3 * hourMs).toISOString().slice(0, 19);
  const recipes: Record<string, Recipe> = {
    id: { type: 'integer', cell: (index) => String(1 + index * steps) },
    code: { type: 'integer', cell: () => random.pick(codes) },
    ...chosen(random, {
      'Voter Id': {
        type: 'integer',
        cell: (_, [, code]) =>
          (code === '5' || code === '2') !== isOdd()
            ? random.pick(['-1', ...someNumbers(random)])
            : null,
      },
      amount: {
        type: 'double',
        cell: () => random.pick(isOdd() ? [null, 'NaN', '-99999'] : decimals(random)),
      },
      day: {
        type: 'date',
        cell: (index) =>
          isOdd() ? random.pick(['9999-12-31', 'infinity']) : time(index).slice(0, 10),
      },
      'created at': { type: 'timestamp', cell: (index) => time(index).replace('T', ' ') },
      begins: { type: 'instant', cell: (index) => `${time(index).replace('T', ' ')}+00` },
      ends: {
        type: 'instant',
        cell: (index) =>
          `${new Date(startMs + index * 3 * hourMs + (isOdd() ? -1 : 1) * hourMs).toISOString().slice(0, 19).replace('T', ' ')}+00`,
      },
      key: {
        type: 'text',
        cell: () =>
          isOdd()
            ? random.pick(['', 'N/A', 'é', "it's", '💡'])
            : `border_${letters(random, 2)}_${letters(random, 2 + random.below(2))}`,
      },
      note: {
        type: 'text',
        cell: () => random.pick(['{"a":1}', '{"a":[]}', isOdd() ? 'x' : '{}']),
      },
      when: { type: 'text', cell: (index) => (isOdd() ? '2024-02-30' : time(index).slice(0, 10)) },
      ok: { type: 'boolean', cell: () => random.pick(isOdd() ? [null] : ['true', 'false']) },
      empty: { type: 'integer', cell: () => null },
      big: {
        type: 'integer',
        cell: (index) => String(9_007_199_254_740_990n + BigInt(index * 1_000)),
      },
    }),
  };
  const entries = Object.entries(recipes);
  return {
    shape: {
      columns: Object.fromEntries(entries.map(([name, { type }]) => [name, type])),
      key: ['id'],
    },
    rows: Array.from({ length: count }, (_, index) =>
      entries.reduce<CellText[]>((row, [, { cell }]) => [...row, cell(index, row)], []),
    ),
  };
}

function chosen(random: RandomSource, recipes: Record<string, Recipe>): Record<string, Recipe> {
  return Object.fromEntries(Object.entries(recipes).filter(() => random.chance(0.6)));
}

function someNumbers(random: RandomSource): string[] {
  return Array.from({ length: 5 }, () => String(1 + random.below(5_000)));
}

function decimals(random: RandomSource): string[] {
  return [String(random.below(100_000) / 8), String(random.below(1_000))];
}

function letters(random: RandomSource, count: number): string {
  return Array.from({ length: count }, () => random.pick(Array.from('ABCDEFGHIJKLMN'))).join('');
}
