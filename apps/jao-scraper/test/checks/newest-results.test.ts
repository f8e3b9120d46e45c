import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { readCheckHistory } from '../../src/report/read-check-history.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import { openOwnedDatabase } from '../store/use-store.ts';

const contract = contractOf('core/maxExchanges');

let database: TestDatabase;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
  // Results are of a run.
  await (await openStore(database)).close();
});

/** A result by the hour at which it was found, its outcome, and its days of March; without days, of no period. */
type Found = readonly [hour: number, outcome: string, from?: number, to?: number];

async function record(...found: readonly Found[]): Promise<void> {
  for (const [hour, outcome, from, to] of found) {
    const day = (of: number | undefined) => (of === undefined ? null : `2026-03-0${of}`);
    await owner.run(
      `insert into ops.check_result (result_id, run_id, dataset, relation, check_id, kind, fingerprint, outcome,
         severity, expected, value, message, duration_ms, checked_at, period_from, period_to)
       select $1, run_id, $2, 'jao.latest', 'cells.example', 'range', 'x', $3,
         case $3 when 'warned' then 'warn' when 'failed' then 'error' end, 'at most 1', 1,
         $4, 1, '2026-03-09T00:00:00Z'::timestamptz + $5 * interval '1 hour', $6, $7
       from ops.run`,
      [randomUUID(), contract.name, outcome, `found at ${hour}`, hour, day(from), day(to)],
    );
  }
}

async function newest(): Promise<string[]> {
  const reader = await openAs(database, 'reader');
  const rows = await reader.rows(
    z.object({ message: z.string() }),
    'select message from jao.check_result where is_newest order by checked_at',
  );
  await reader.close();
  return rows.map(({ message }) => message);
}

async function reported(hour: number, days: readonly number[]): Promise<string[]> {
  const asOf = new Date(Date.UTC(2026, 2, 9, hour));
  const question = { contract, days: days.map((day) => `2026-03-0${day}`), asOf };
  const found = await owner.transaction((tx) => readCheckHistory(tx, [question]));
  return found.map(({ outcome, message }) => `${outcome}, ${message}`);
}

test('a failure that was mended is outdated by a later result about all of its days', async () => {
  await record([1, 'failed', 3, 4], [2, 'passed', 2, 5]);
  expect(await newest()).toEqual(['found at 2']);
  expect(await reported(3, [4])).toEqual(['passed, found at 2']);
  expect(await reported(1, [4]), 'as it was known before').toEqual(['failed, found at 1']);
});

test('a result about some of its days, or others, leaves it standing', async () => {
  await record([1, 'failed', 3, 4], [2, 'passed', 4, 4], [3, 'passed', 4, 6], [4, 'passed', 1, 2]);
  expect(await newest()).toEqual(['found at 1', 'found at 3', 'found at 4']);
  expect(await reported(5, [2, 3, 4])).toEqual(['failed, found at 1']);
});

test('an earlier result does not outdate a later one, whatever its days', async () => {
  await record([1, 'passed', 1, 9], [2, 'failed', 3, 4]);
  expect(await newest()).toEqual(['found at 1', 'found at 2']);
  expect(await reported(3, [3])).toEqual(['failed, found at 2']);
});

test('of results of no period the last one is the newest, and outdates none of days', async () => {
  await record([1, 'failed', 3, 3], [2, 'failed'], [3, 'passed']);
  expect(await newest()).toEqual(['found at 1', 'found at 3']);
});
