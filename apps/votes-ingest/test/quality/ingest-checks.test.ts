import { arrivalPlanSchema } from '@sluice/schemas';
import { checkOverridesSchema, configureSuite, voteSuite } from '@sluice/schemas/expectations';
import type { CheckAction, ExpectationSuite } from '@sluice/schemas/expectations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { runCli } from '../cli/cli-process.ts';
import { CheckedWarehouse } from '../ingest/checked-warehouse.ts';
import { fileOf, goodLine } from '../ingest/vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

const odd = (id: number, more: object = {}) =>
  JSON.stringify({ Id: id, PostId: 1, VoteTypeId: 99, CreationDate: '2021-01-01', ...more });

function suiteWith(overrides: unknown): ExpectationSuite {
  const { suite, problems } = configureSuite(voteSuite, checkOverridesSchema.parse(overrides));
  expect(problems).toEqual([]);
  return suite;
}

const refusing = suiteWith({ 'votes.type.known': { error: { count: 1 }, action: 'refuse' } });

const storedResults = (where = 'true') =>
  warehouse.rows(
    z.object({
      path: z.string(),
      check: z.string(),
      outcome: z.string(),
      action: z.string().nullable(),
      failing: z.int().nullable(),
      keys: z.int(),
    }),
    `select path, check_id as check, r.outcome, action, failing,
            (select count(*) from ops.check_failure f where f.result_id = r.result_id) as keys
       from ops.check_result r join ops.file on scope = format('"FileId" = {}', file_id)
      where ${where} order by file_id, check_id`,
  );

describe('a file that is ingested', () => {
  test('is checked before it is committed, and what was found is kept', async () => {
    const path = await warehouse.place('votes.jsonl', fileOf([goodLine(1), odd(2), odd(3)]));
    const { report, exitCode } = await warehouse.ingest([path]);
    expect(exitCode).toBe(0);
    expect(report.checks).toEqual([
      {
        path,
        checkId: 'votes.type.known',
        outcome: 'warned',
        action: 'warn',
        failing: 2,
        message: '2 of 3 rows',
        expected: 'at most 0 failing (warning)',
      },
    ]);
    const results = await storedResults();
    expect(results).toHaveLength(11);
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toMatchObject([
      { check: 'votes.file.volume', outcome: 'skipped' },
      { check: 'votes.type.known', outcome: 'warned', failing: 2, keys: 2 },
    ]);
  });

  test('is checked by its own rows only', async () => {
    await warehouse.ingestBytes(fileOf([odd(1)]), { name: 'a.jsonl' });
    await warehouse.ingestBytes(fileOf([goodLine(2)]), { name: 'b.jsonl' });
    const results = await storedResults(`check_id = 'votes.type.known'`);
    expect(results.map(({ outcome, failing }) => [outcome, failing])).toEqual([
      ['warned', 1],
      ['passed', 0],
    ]);
  });

  test('is refused whole where a check says so, and later files go on', async () => {
    const first = await warehouse.place('a.jsonl', fileOf([goodLine(1), odd(2), odd(3), 'bad']));
    const second = await warehouse.place('b.jsonl', fileOf([goodLine(4), odd(5)]));
    const { report, exitCode } = await warehouse.ingest([first, second], { checks: refusing });
    expect(exitCode).toBe(3);
    expect(report.files).toMatchObject([
      { outcome: 'refused', read: 4, accepted: 0, quarantined: 1, refused: 3 },
      { outcome: 'ingested', read: 2, accepted: 2 },
    ]);
    expect(report.files[0]?.error).toBe(
      'check votes.type.known failed: 2 of 3 rows; expected: at most 1 failing; at most 0 failing (warning)',
    );
    expect(report.checks).toMatchObject([
      { path: first, outcome: 'failed', action: 'refuse' },
      { path: second, outcome: 'warned', action: 'warn' },
    ]);
    expect(await warehouse.voteIds()).toEqual(['4', '5']);
    expect(await storedResults(`check_id = 'votes.type.known'`)).toMatchObject([
      { path: first, outcome: 'failed', action: 'refuse', failing: 2 },
      { path: second, outcome: 'warned', failing: 1 },
    ]);
    const again = await warehouse.ingest([first], { checks: refusing });
    expect(again.report.files).toMatchObject([{ outcome: 'refused' }]);
    const allowed = await warehouse.ingest([first]);
    expect(allowed.report.files).toMatchObject([{ outcome: 'ingested', accepted: 3 }]);
  });

  test('gives way to what was there before it, where it is refused', async () => {
    await warehouse.ingestBytes(fileOf([goodLine(1), goodLine(2)]), { name: 'a.jsonl' });
    const before = await warehouse.votes();
    const replacing = fileOf([odd(1), odd(2), odd(3)]);
    await warehouse.ingestBytes(replacing, { name: 'b.jsonl', checks: refusing });
    expect(await warehouse.votes()).toEqual(before);
  });

  test('falls short where a check fails at the level error, also where nothing follows', async () => {
    const checks = suiteWith({ 'votes.type.known': { error: { percent: 50 } } });
    const path = await warehouse.place('votes.jsonl', fileOf([odd(1), odd(2), goodLine(3)]));
    const { report, exitCode } = await warehouse.ingest([path], { checks });
    expect(exitCode).toBe(3);
    expect(report.files).toMatchObject([{ outcome: 'ingested', accepted: 3 }]);
    expect(report.checks).toMatchObject([{ outcome: 'failed', action: 'warn' }]);
    const status = await warehouse.status();
    expect(status.runs[0]).toMatchObject({ outcome: 'failed', error: '1 checks failed' });
  });

  test('is not checked where all checks are off', async () => {
    const checks = { ...voteSuite, expectations: [] };
    await warehouse.ingestBytes(fileOf([odd(1)]), { checks });
    expect(await storedResults()).toEqual([]);
  });
});

describe('a check that can not be evaluated', () => {
  const overflowing = (
    id: string,
    factor: string,
    action: CheckAction = 'warn',
  ): ExpectationSuite['expectations'][number] => ({
    id,
    kind: 'expression',
    of: ['batch'],
    action,
    sql: { duckdb: `t."${factor}" * t."Id" > 0`, postgres: 'true' },
  });
  const big = '9223372036854775807';
  const content = fileOf([
    goodLine(1),
    `{"Id": ${big}, "PostId": ${big}, "VoteTypeId": 2, "CreationDate": "2021-01-01"}`,
    odd(3),
  ]);

  test('costs no file: the file is loaded again without it, as often as it takes', async () => {
    const checks = {
      ...voteSuite,
      expectations: [
        overflowing('votes.broken', 'Id'),
        ...voteSuite.expectations,
        overflowing('votes.also_broken', 'PostId'),
      ],
    };
    const path = await warehouse.place('votes.jsonl', content);
    const { report, exitCode } = await warehouse.ingest([path], { checks });
    expect(exitCode).toBe(3);
    expect(report.files).toMatchObject([{ outcome: 'ingested', accepted: 3 }]);
    expect(report.checks.map(({ checkId, outcome }) => `${checkId} ${outcome}`).sort()).toEqual([
      'votes.also_broken error',
      'votes.broken error',
      'votes.type.known warned',
    ]);
    const results = await storedResults();
    expect(results).toHaveLength(13);
    expect(results.filter(({ outcome }) => outcome === 'error')).toHaveLength(2);
  });

  test('refuses the file where it was to, also where it ends the transaction', async () => {
    const nowhere = { id: 'votes.nowhere', kind: 'not_null', column: 'Nowhere' } as const;
    for (const [name, broken, message] of [
      ['a.jsonl', overflowing('votes.broken', 'Id', 'refuse'), 'votes.broken could not be'],
      ['b.jsonl', { ...nowhere, action: 'refuse' as const }, 'votes.nowhere could not be'],
    ] as const) {
      const checks = {
        ...voteSuite,
        expectations: [
          overflowing('votes.first_broken', 'PostId'),
          ...voteSuite.expectations,
          broken,
        ],
      };
      const path = await warehouse.place(name, content);
      const { report, exitCode } = await warehouse.ingest([path], { checks });
      expect(exitCode).toBe(3);
      expect(report.files).toMatchObject([{ outcome: 'refused', accepted: 0, refused: 3 }]);
      expect(report.files[0]?.error).toMatch(new RegExp(`^check ${message} evaluated: `));
      expect(
        report.checks.map(({ checkId, outcome, action }) => [checkId, outcome, action]),
      ).toEqual(
        expect.arrayContaining([
          ['votes.first_broken', 'error', null],
          ['votes.type.known', 'warned', 'warn'],
          [broken.id, 'error', 'refuse'],
        ]),
      );
      expect(report.checks).toHaveLength(3);
      expect(await warehouse.voteIds()).toEqual([]);
    }
  });

  test('of a column that is not there does not even end the transaction', async () => {
    const checks = {
      ...voteSuite,
      expectations: [
        { id: 'votes.nowhere', kind: 'not_null' as const, column: 'Nowhere' },
        ...voteSuite.expectations,
      ],
    };
    const path = await warehouse.place('votes.jsonl', content);
    const { report } = await warehouse.ingest([path], { checks });
    expect(report.files).toMatchObject([{ outcome: 'ingested', accepted: 3 }]);
    expect(report.checks).toMatchObject([
      { checkId: 'votes.nowhere', outcome: 'error', message: 'no column "Nowhere" is declared' },
      { checkId: 'votes.type.known', outcome: 'warned' },
    ]);
  });
});

describe('with a plan of arrivals', () => {
  const arrivals = arrivalPlanSchema.parse({ file: 'v-{date}.jsonl', from: '2021-08-01' });

  test('a file of the plan is compared with those before it, and no other file is', async () => {
    let id = 0;
    const ingestDay = async (name: string, votes: number) => {
      const lines = Array.from({ length: votes }, () => goodLine((id += 1)));
      const path = await warehouse.place(name, fileOf(lines));
      const { report } = await warehouse.ingest([path], { arrivals });
      return report.checks.map(({ checkId, message }) => `${checkId} ${message}`);
    };
    const weekly = (week: number) =>
      new Date(Date.UTC(2021, 7, 1 + 7 * week)).toISOString().slice(0, 10);
    for (let week = 0; week < 7; week += 1) {
      expect(await ingestDay(`v-${weekly(week)}.jsonl`, 10)).toEqual([]);
    }
    expect(await ingestDay('other.jsonl', 500)).toEqual([]);
    expect(await ingestDay(`v-${weekly(8)}.jsonl`, 500)).toEqual([
      'votes.file.volume 500; Infinity deviations from the median 10 of 7 earlier values',
    ]);
    const period = await warehouse.rows(
      z.object({ day: z.string() }),
      `select period_from::varchar as day from ops.check_result
        where check_id = 'votes.file.volume' and outcome = 'warned'`,
    );
    expect(period).toEqual([{ day: weekly(8) }]);
  });
});

describe('the settings', () => {
  test('say what a check does, and the command says what it found', async () => {
    await warehouse.place('votes.jsonl', fileOf([goodLine(1), odd(2)]));
    const settings = {
      checks: { 'votes.type.known': { warn: null, error: { count: 0 }, action: 'refuse' } },
    };
    await warehouse.place('votes-ingest.config.json', JSON.stringify(settings));
    const ended = await runCli(['ingest', 'votes.jsonl', '--format', 'json'], {
      cwd: warehouse.folder,
    });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain(
      'votes.jsonl was refused, nothing of it was loaded: check votes.type.known failed: 1 of 2 rows',
    );
  });

  test.each([
    [{ 'votes.typ': { off: true } }, 'votes.typ: there is no such check of votes'],
    [
      { 'votes.file.rows': { error: { min: 'many' }, action: 'refuse' } },
      'votes.file.rows: error: a level of kind row_count is {"min": n, "max": n}, n being a number',
    ],
    [{ 'votes.file.rows': { action: 'refuse' } }, 'votes.file.rows: action: refuse follows from'],
    [{ 'votes.rows': { error: { min: '2020-01-01' } } }, 'votes.rows: error: a level of kind'],
    [
      { 'votes.user.expected_missing': { action: 'quarantine' } },
      'votes.user.expected_missing: action: quarantine follows from the level "error", which is {"percent": 100}',
    ],
    [
      { 'votes.user.sentinel': { warn: null, action: 'quarantine' } },
      'votes.user.sentinel: action',
    ],
    [{ 'votes.type.known': { error: { count: -1 } } }, 'votes.type.known: error: count: must be a'],
    [{ 'votes.rows': { action: 'quarantine' } }, 'votes.rows: action: a check of kind row_count'],
    [
      { 'votes.rows': { of: true } },
      'checks in votes-ingest.config.json: votes.rows: of: there is no such member',
    ],
  ])('are refused by the name of the check: %j', async (checks, problem) => {
    await warehouse.place('votes.jsonl', fileOf([goodLine(1)]));
    await warehouse.place('votes-ingest.config.json', JSON.stringify({ checks }));
    const ended = await runCli(['ingest', 'votes.jsonl'], { cwd: warehouse.folder });
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain(problem);
  });
});
