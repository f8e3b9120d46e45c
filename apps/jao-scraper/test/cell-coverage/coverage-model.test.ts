import { addDays, businessDayOf, coverageStates, daysBetween, dueAtMs } from '@sluice/schemas/jao';
import { createRandom } from '@sluice/schemas/testing';
import { openAs } from '@sluice/warehouse/postgres-testing';
import { expect, test } from 'vitest';

import { contractOf } from '../store/test-store.ts';
import { makeHistory } from './random-history.ts';
import { readCoverage } from './read-coverage.ts';
import type { CoverageSqlRow } from './read-coverage.ts';
import { tellCells } from './tell-cells.ts';
import type { CellTruth } from './tell-cells.ts';
import { createDatabaseWith } from './write-history.ts';

const hourMs = 3_600_000;
/** So that series end within the few days of a history. */
const endsAfterDays = 2;

/** The cells of the model that a row stands for. */
function cellsOf(truth: readonly CellTruth[], row: CoverageSqlRow): CellTruth[] {
  return truth.filter(
    ({ key, day, deliveryStartMs }) =>
      key === row.key &&
      day === row.business_day &&
      deliveryStartMs >= row.delivery_start.getTime() &&
      deliveryStartMs < row.delivery_end.getTime(),
  );
}

test.each([
  ['the clocks of spring', 'core/netPos', '2025-03-28', '2025-04-01'],
  ['the change to 15 minutes', 'core/netPos', '2025-09-29', '2025-10-03'],
  ['the clocks of autumn, in 15 minutes', 'core/netPos', '2025-10-24', '2025-10-28'],
  ['the clocks of autumn, in hours', 'core/maxExchanges', '2025-10-24', '2025-10-28'],
])('over %s every cell is in the one state that its history gives', async (_, name, from, to) => {
  const contract = contractOf(name);
  const days = daysBetween(from, to);
  const seen = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const history = makeHistory(contract, days, seed);
    const { database, owner } = await createDatabaseWith(contract, history);
    await owner.run('update jao.dataset set series_ends_after = $1', [endsAfterDays]);
    const reader = await openAs(database, 'reader');
    const random = createRandom(seed + 100);
    const spanMs = (days.length + 1) * 24 * hourMs;
    const times = [
      dueAtMs(contract, days[1] ?? from) + hourMs,
      ...Array.from({ length: 12 }, () => Math.round(dueAtMs(contract, from) + random() * spanMs)),
    ];
    for (const atMs of times) {
      // Coverage ends with tomorrow.
      const shown = days.filter((day) => day <= addDays(businessDayOf(contract, atMs), 1));
      const truth = tellCells(contract, history, { days: shown, atMs, endsAfterDays });
      const rows = await readCoverage(reader, contract, shown, atMs);
      let covered = 0;
      for (const row of rows) {
        const cells = cellsOf(truth, row);
        const label = `seed ${seed} at ${new Date(atMs).toISOString()}: ${JSON.stringify(row)}`;
        expect(row.cells, label).toBe(cells.length);
        expect(new Set(cells.map(({ state }) => state)), label).toEqual(new Set([row.state]));
        const sinceMs = cells.map((cell) => cell.sinceMs ?? Number.NEGATIVE_INFINITY);
        expect(row.since?.getTime() ?? Number.NEGATIVE_INFINITY, label).toBe(Math.max(...sinceMs));
        expect(new Set(cells.map(({ reason }) => reason)), label).toEqual(new Set([row.reason]));
        expect(row.due_at.getTime(), label).toBe(dueAtMs(contract, row.business_day));
        covered += cells.length;
        seen.add(row.state);
      }
      expect(covered).toBe(truth.length);
      expect(rows.length).toBe(countRuns(truth));
    }
    await reader.close();
    await owner.close();
  }
  expect([...seen].sort()).toEqual(coverageStates.toSorted());
});

/** How many rows there are to be: a new one begins where key, day, state or reason is another. */
function countRuns(truth: readonly CellTruth[]): number {
  return truth.filter((cell, index) => {
    const before = truth[index - 1];
    return (
      before?.key !== cell.key ||
      before.day !== cell.day ||
      before.state !== cell.state ||
      before.reason !== cell.reason
    );
  }).length;
}
