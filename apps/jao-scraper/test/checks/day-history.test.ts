import { addDays } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { postgresEngine } from '@sluice/data-quality/postgres';
import { beforeEach, expect, test } from 'vitest';

import { DayHistory } from '../../src/checks/day-history.ts';
import { openStore } from '../store/test-store.ts';
import { openOwnedDatabase } from '../store/use-store.ts';

let owner: PostgresDatabase;

beforeEach(async () => {
  const { database, owner: opened } = await openOwnedDatabase();
  owner = opened;
  // Results are of a run.
  await (await openStore(database)).close();
  await owner.run(
    `insert into ops.check_result (result_id, run_id, dataset, relation, check_id, kind, fingerprint, outcome,
       expected, value, message, duration_ms, checked_at, period_from, period_to)
     select gen_random_uuid(), run_id, 'core/example', 'jao.latest', 'mean', 'anomaly', 'x', 'passed', 'near', n, 'found', 1,
       '2026-03-09T00:00:00Z', '2024-01-01'::date + n, '2024-01-01'::date + n
     from ops.run, generate_series(0, 799) n`,
  );
});

async function historyOf(first: string, last: string): Promise<DayHistory> {
  const of = { dataset: 'core/example', checkId: 'mean', first, last };
  return DayHistory.read(postgresEngine(owner), of);
}

function valuesBefore(history: DayHistory, day: string, since?: string): number[] {
  return history.before(day, since).map(({ value }) => value);
}

test('each day of a long period has the 400 days before it', async () => {
  const history = await historyOf('2025-02-04', '2026-03-11');
  expect(valuesBefore(history, '2025-02-04')).toEqual(Array.from({ length: 400 }, (_, n) => n));
  expect(valuesBefore(history, '2026-03-11')).toEqual(
    Array.from({ length: 400 }, (_, n) => 400 + n),
  );
});

test('what is found of a day counts for the days after it, in place of what is on record', async () => {
  const history = await historyOf('2024-01-03', '2024-01-05');
  const [before, third] = [addDays('2024-01-01', -1), '2024-01-03'];
  history.set(third, -3);
  history.set(before, -1);
  expect(valuesBefore(history, third)).toEqual([-1, 0, 1]);
  expect(valuesBefore(history, '2024-01-05')).toEqual([-1, 0, 1, -3, 3]);
  expect(valuesBefore(history, '2024-01-05', '2024-01-02')).toEqual([1, -3, 3]);
  expect(valuesBefore(history, '2024-01-05', '2024-01-06')).toEqual([]);
});
