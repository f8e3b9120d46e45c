import { steadyCalendar } from '@sluice/schemas/expectations';
import type { ExpectationSuite } from '@sluice/schemas/expectations';
import { startPostgresRun } from '@sluice/warehouse/postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { readDayHistory, readHistory, recordResults, runChecks } from '../../src/index.ts';
import type { QualityEngine } from '../../src/index.ts';
import { renderStatement, sql, verbatim } from '../../src/sql/sql.ts';
import { createTable, openEngines } from '../engines.ts';
import type { Engines } from '../engines.ts';

const runId = '01890000-0000-7000-8000-000000000002';
const relation = { schema: 'q', table: 'rows' };
const columns = { id: 'integer', name: 'text' } as const;
const suite: ExpectationSuite = {
  dataset: 'rows',
  shape: { columns, key: ['id', 'name'] },
  expectations: [
    { id: 'name', kind: 'not_in_set', column: 'name', values: ['x', 'O\'Neill "\\'] },
    {
      id: 'count',
      kind: 'anomaly',
      measure: { of: 'row_count' },
      minAbsoluteChange: 1,
      warn: { deviations: 3 },
      minHistory: 3,
    },
    { id: 'broken', kind: 'not_null', column: 'nowhere' },
  ],
};
const calendar = steadyCalendar({ firstMs: 0, stepMs: 86_400_000, dueAfterMs: 0 });
const names = ['duckdb', 'postgres'] as const;

let engines: Engines;

beforeAll(async () => {
  engines = await openEngines();
  await startPostgresRun(engines.database, {
    runId,
    app: 'test',
    command: 'check',
    dataset: 'rows',
    appVersion: '1.0.0',
    contractVersion: '1',
    heartbeatTtlMs: 60_000,
  });
});

afterAll(async () => {
  await engines.close();
});

async function rowsOf(engine: QualityEngine, text: string) {
  return engine.read((session) => session.rows(renderStatement(sql`${verbatim(text)}`)));
}

describe.each(names)('the history of checks in %s', (name) => {
  test('keeps results with the keys of failing rows, and is what anomalies are judged by', async () => {
    const engine = engines[name];
    const fill = (count: number) =>
      createTable(
        engine,
        relation,
        columns,
        Array.from({ length: count }, (_, index) => [
          index === 0 ? '9007199254740993' : String(index),
          index < 2 ? 'O\'Neill "\\' : 'y',
        ]),
      );
    const checkOn = async (day: number, keyLimit?: number) => {
      const results = await runChecks({
        engine,
        suite,
        relation,
        runId,
        now: new Date(Date.UTC(2026, 2, day)),
        calendar,
        history: (checkId) => readHistory(engine, { dataset: 'rows', checkId }),
        keyLimit,
      });
      await recordResults(engine, results);
      return results.map(({ outcome }) => outcome);
    };
    await fill(10);
    expect(await checkOn(1)).toEqual(['failed', 'skipped', 'error']);
    await checkOn(2, 1);
    await checkOn(3);
    expect(await checkOn(4)).toEqual(['failed', 'passed', 'error']);
    await fill(20);
    expect(await checkOn(5)).toEqual(['failed', 'warned', 'error']);

    const history = await readHistory(engine, { dataset: 'rows', checkId: 'count' });
    expect(history.map(({ at, value }) => [at.getUTCDate(), value])).toEqual([
      [5, 20],
      [4, 10],
      [3, 10],
      [2, 10],
      [1, 10],
    ]);
    expect(await readHistory(engine, { dataset: 'rows', checkId: 'broken' })).toEqual([]);
    expect(await readHistory(engine, { dataset: 'other', checkId: 'count' })).toEqual([]);
    expect(await readHistory(engine, { dataset: 'rows', checkId: 'count' }, 2)).toHaveLength(2);

    expect(
      await rowsOf(
        engine,
        `select r.check_id, r.outcome, r.failing::text as failing, f.ordinal::text as ordinal,
                (f.row_key ->> 'id') as id, (f.row_key ->> 'name') as name
           from ops.check_result r join ops.check_failure f using (result_id)
          where r.checked_at < '2026-03-03 00:00:00+00' order by r.checked_at, f.ordinal`,
      ),
    ).toEqual([
      {
        check_id: 'name',
        outcome: 'failed',
        failing: '2',
        ordinal: '1',
        id: '1',
        name: 'O\'Neill "\\',
      },
      {
        check_id: 'name',
        outcome: 'failed',
        failing: '2',
        ordinal: '2',
        id: '9007199254740993',
        name: 'O\'Neill "\\',
      },
      {
        check_id: 'name',
        outcome: 'failed',
        failing: '2',
        ordinal: '1',
        id: '1',
        name: 'O\'Neill "\\',
      },
    ]);
  });

  test('of days is by the day that rows are about, whenever they were looked at', async () => {
    const engine = engines[name];
    const dataset = 'days';
    const count = (rows: number) =>
      createTable(
        engine,
        relation,
        columns,
        Array.from({ length: rows }, (_, index) => [String(index), 'y']),
      );
    const checkDay = async (day: number, lookedAt: number) => {
      const date = `2026-03-0${day}`;
      const results = await runChecks({
        engine,
        suite: { ...suite, dataset },
        relation,
        period: { from: date, to: date },
        runId,
        now: new Date(Date.UTC(2026, 5, lookedAt)),
        calendar,
        history: (checkId) => readDayHistory(engine, { dataset, checkId, beforeDay: date }),
      });
      await recordResults(engine, results);
      return results[1]?.outcome;
    };
    await count(10);
    // The days of a backfill come in any order; the fifth is looked at first.
    expect(await checkDay(5, 1)).toBe('skipped');
    expect(await checkDay(3, 2)).toBe('skipped');
    expect(await checkDay(1, 3)).toBe('skipped');
    await count(90);
    expect(await checkDay(2, 4)).toBe('skipped');
    await count(10);
    expect(await checkDay(2, 5)).toBe('skipped');
    expect(await checkDay(5, 6)).toBe('passed');
    await count(30);
    expect(await checkDay(5, 7)).toBe('warned');
    expect(await checkDay(5, 8)).toBe('warned');

    const history = await readDayHistory(engine, {
      dataset,
      checkId: 'count',
      beforeDay: '2026-03-06',
    });
    expect(history.map(({ at, value }) => [at.toISOString().slice(0, 10), value])).toEqual([
      ['2026-03-05', 30],
      ['2026-03-03', 10],
      ['2026-03-02', 10],
      ['2026-03-01', 10],
    ]);
  });

  test('of a part of the rows is apart from that of all of them', async () => {
    const engine = engines[name];
    await createTable(engine, relation, columns, [
      ['1', "O'Neill"],
      ['2', 'x'],
    ]);
    const results = await runChecks({
      engine,
      suite: { ...suite, dataset: 'parts' },
      relation,
      scope: {
        any: [
          { column: 'name', in: ["O'Neill"] },
          { not: { column: 'id', compare: '<=', value: 2 } },
        ],
      },
      runId,
      now: new Date(Date.UTC(2026, 3, 1)),
    });
    await recordResults(engine, results);
    expect(results[0]).toMatchObject({
      tested: 1,
      scope: `("name" in ('O''Neill')) or (not ("id" <= 2))`,
    });
    const check = { dataset: 'parts', checkId: 'name' };
    expect(await readHistory(engine, check)).toEqual([]);
    expect(await readHistory(engine, { ...check, scoped: true })).toHaveLength(1);
  });

  test('takes what an engine said of a value that no text can hold', async () => {
    const engine = engines[name];
    const [result] = await runChecks({
      engine,
      suite: {
        ...suite,
        expectations: [{ id: 'nul', kind: 'in_set', column: 'name', values: ['a\0b\ud800'] }],
      },
      relation,
      runId,
      now: new Date(),
    });
    expect(result?.outcome).toBe('error');
    await recordResults(engine, result === undefined ? [] : [result]);
    await recordResults(engine, []);
    const [row] = await rowsOf(
      engine,
      `select message from ops.check_result where check_id = 'nul'`,
    );
    expect(row?.['message']).toContain('no value of type text');
  });

  test('is kept whole or not at all', async () => {
    const engine = engines[name];
    const results = await runChecks({ engine, suite, relation, runId, now: new Date(0) });
    const broken = results.map((result, index) =>
      index === 1 ? { ...result, resultId: 'no uuid' } : result,
    );
    await expect(recordResults(engine, broken)).rejects.toThrow();
    const rows = await rowsOf(
      engine,
      `select check_id from ops.check_result where checked_at < '2000-01-01 00:00:00+00'`,
    );
    expect(rows).toEqual([]);
  });
});

test('a worker of Postgres may add results', async () => {
  const granted = await engines.database.rows(
    z.object({ insert: z.boolean(), update: z.boolean() }),
    `select has_table_privilege('sluice_worker', 'ops.check_failure', 'insert') as insert,
            has_table_privilege('sluice_worker', 'ops.check_result', 'update') as update`,
  );
  expect(granted).toEqual([{ insert: true, update: false }]);
});
