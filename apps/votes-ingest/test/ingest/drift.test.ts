import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine, voteSource } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

async function ingestLines(lines: readonly string[]) {
  const path = await warehouse.place('votes.jsonl', fileOf(lines));
  return (await warehouse.ingest([path])).report;
}

/** The ledger's drift, with names as bytes, which DuckDB's client gives exactly. */
async function ledgerDrift() {
  const rows = await warehouse.rows(
    z.object({ value: z.instanceof(Uint8Array), count: z.int() }),
    'select encode(value) as value, count from ops.drift',
  );
  return rows.map(({ value, count }) => [Buffer.from(value).toString('utf8'), count] as const);
}

describe('what the contract does not know', () => {
  test('is kept, counted with the most frequent first, and no failure', async () => {
    const { report, exitCode } = await warehouse.ingest([
      await warehouse.place(
        'votes.jsonl',
        fileOf([
          voteSource({ Id: '1', VoteTypeId: '13', Extra: '1' }),
          voteSource({ Id: '2', VoteTypeId: '"17"', Other: 'null' }),
          voteSource({ Id: '3', VoteTypeId: '17', Extra: '{}' }),
          voteSource({ Id: '4' }),
        ]),
      ),
    ]);
    expect(report.drift).toEqual([
      { kind: 'unknown_field', value: 'Extra', count: 2 },
      { kind: 'unknown_field', value: 'Other', count: 1 },
      { kind: 'unknown_vote_type', value: '17', count: 2 },
      { kind: 'unknown_vote_type', value: '13', count: 1 },
    ]);
    expect(report.totals).toMatchObject({ accepted: 4, quarantined: 0 });
    expect(exitCode).toBe(0);
    expect((await warehouse.status()).runs[0]?.drift).toEqual(report.drift);
  });

  test('is summed over the files of a run', async () => {
    const inputs = [
      await warehouse.place('1.jsonl', fileOf([voteSource({ Id: '1', Extra: '1' })])),
      await warehouse.place('2.jsonl', fileOf([voteSource({ Id: '2', Extra: '1' })])),
    ];
    const { report } = await warehouse.ingest(inputs);
    expect(report.drift).toEqual([{ kind: 'unknown_field', value: 'Extra', count: 2 }]);
  });

  test('may have any name', async () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'id',
      'ID',
      '',
      ' Id',
      'Id\0',
      '\0',
      '\uFEFFId',
      "'; drop table blog_analysis.votes; --",
      '\u001B[2J',
      'Größe ✓ 😀',
    ];
    const fields = Object.fromEntries(names.map((name) => [name, '1']));
    const report = await ingestLines([voteSource(fields)]);
    expect(report.drift.map((entry) => entry.value).sort()).toEqual(names.toSorted());
    expect(new Map(await ledgerDrift())).toEqual(new Map(names.map((name) => [name, 1])));
    expect(await warehouse.voteIds()).toEqual(['1']);
  });

  test('is named without half characters, and no longer than 200 of them', async () => {
    const long = `${'x'.repeat(199)}😀`;
    const report = await ingestLines([
      voteSource().replace('{', String.raw`{"\ud83d":1,`),
      voteSource({ Id: '"2"', [long]: '1' }),
      voteSource({ Id: '"3"', ['y'.repeat(1_000)]: '1' }),
    ]);
    expect(report.drift.map((entry) => entry.value).sort()).toEqual(
      ['\uFFFD', `${'x'.repeat(199)}\uFFFD`, 'y'.repeat(200)].sort(),
    );
  });

  test('is counted name by name up to 1,000 names, however long they are', async () => {
    const long = 'x'.repeat(300);
    const many = Array.from({ length: 10_000 }, (_, index) => [`k${index}`, '1'] as const);
    const report = await ingestLines([
      voteSource({ Id: '1', [long]: '1' }),
      voteSource({ Id: '2', ...Object.fromEntries(many) }),
      voteSource({ Id: '3', [long]: '1' }),
    ]);
    expect(report.drift).toHaveLength(1_001);
    expect(report.drift.slice(0, 2)).toEqual([
      { kind: 'unknown_field', value: '(other fields)', count: 9_001 },
      { kind: 'unknown_field', value: 'x'.repeat(200), count: 2 },
    ]);
    expect(report.totals.accepted).toBe(3);
  });

  test('may be nested 500,000 levels deep', async () => {
    const arrays = '['.repeat(500_000) + ']'.repeat(500_000);
    const objects = '{"":'.repeat(200_000) + '1' + '}'.repeat(200_000);
    const report = await ingestLines([
      goodLine(1),
      voteSource({ Id: '"2"', Extra: arrays }),
      voteSource({ Id: '"3"', Extra: objects }),
      voteSource({ Id: '"4"', Extra: '['.repeat(500_000) }),
      voteSource({ Id: '"5"', Extra: objects.slice(0, -1) + ',"":2}' }),
      goodLine(6),
    ]);
    expect(report.totals).toMatchObject({ read: 6, accepted: 4, quarantined: 2 });
    expect(await warehouse.voteIds()).toEqual(['1', '2', '3', '6']);
    expect((await warehouse.quarantine()).map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'not_json'],
      [5, 'duplicate_key'],
    ]);
  });
});
