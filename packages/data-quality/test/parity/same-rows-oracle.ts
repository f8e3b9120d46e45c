import type { Check } from '../../src/declaration/expand-expectation.ts';
import type { CellText } from '../engines.ts';
import { cell, holds, parseRow } from './odd-row.ts';
import type { OddRow } from './odd-row.ts';
import { oddColumns } from './odd-table.ts';

/** What a `same_rows` finds to be the matter, once for each key, by plain code. */
export function differingKeys(
  check: Extract<Check, { kind: 'same_rows' }>,
  rows: readonly (readonly CellText[])[],
  otherRows: readonly (readonly CellText[])[],
): string[] {
  const { key = ['id'], when } = check;
  const names: Readonly<Record<string, string | undefined>> = check.other.names ?? {};
  const columns = (check.columns ?? Object.keys(oddColumns)).filter((name) => !key.includes(name));
  const renamed = (row: OddRow): OddRow =>
    Object.fromEntries(Object.keys(row).map((name) => [name, cell(row, names[name] ?? name)]));
  const isTested = (row: OddRow): boolean => when === undefined || holds(when, row);
  const sides = [
    { sign: 1, rows: rows.map(parseRow).filter(isTested) },
    { sign: -1, rows: otherRows.map(parseRow).map(renamed).filter(isTested) },
  ];
  const surplus = new Map<string, Map<string, number>>();
  for (const { sign, rows: ofSide } of sides) {
    for (const row of ofSide) {
      const keyText = identityOf(row, key);
      const counts = surplus.get(keyText) ?? new Map<string, number>();
      const valueText = identityOf(row, columns);
      counts.set(valueText, (counts.get(valueText) ?? 0) + sign);
      surplus.set(keyText, counts);
    }
  }
  return [...surplus.values()].flatMap((counts) => {
    const odd = [...counts.values()];
    const [here, there] = [odd.some((count) => count > 0), odd.some((count) => count < 0)];
    return here || there
      ? [here && there ? 'different' : here ? 'missing_there' : 'missing_here']
      : [];
  });
}

/** Equal where the values are: zeros of either sign are, and NaNs. */
function identityOf(row: OddRow, columns: readonly string[]): string {
  return JSON.stringify(
    columns.map((name) => {
      const value = cell(row, name);
      return `${typeof value} ${String(typeof value === 'number' ? value + 0 : value)}`;
    }),
  );
}
