import type { IngestReport } from '@sluice/schemas';
import { DuckDbWarehouse } from '@sluice/warehouse';
import * as fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { ingest } from '../../src/ingest/ingest.ts';
import { runLedgerChecks } from '../../src/warehouse/status.ts';

type Policy = 'first' | 'last';

/** A line of a file: a record by its Id and one of a few contents, a bad line, or a blank one. */
type Line =
  { readonly id: number; readonly content: number; readonly isPlain: boolean } | 'bad' | '';

interface Place {
  readonly path: string;
  readonly line: number;
}

interface Held extends Place {
  readonly content: number;
}

interface Conflict {
  readonly id: number;
  readonly winner: Held;
  readonly loser: Held;
}

/** The definition of ingest, record by record. */
class Model {
  readonly table = new Map<number, Held>();
  readonly conflicts: Conflict[] = [];
  readonly #known = new Set<string>();
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  ingest(path: string, lines: readonly Line[]) {
    const totals = {
      read: 0,
      accepted: 0,
      duplicate: 0,
      conflicting: 0,
      quarantined: 0,
      refused: 0,
    };
    const text = textOf(lines);
    if (this.#known.has(text)) {
      return { ...totals, outcome: 'already_ingested' };
    }
    this.#known.add(text);
    for (const [index, line] of lines.entries()) {
      if (line === '') {
        continue;
      }
      totals.read += 1;
      if (line === 'bad') {
        totals.quarantined += 1;
        continue;
      }
      const record = { path, line: index + 1, content: line.content };
      const holder = this.table.get(line.id);
      if (holder === undefined) {
        totals.accepted += 1;
        this.table.set(line.id, record);
      } else if (holder.content === line.content) {
        totals.duplicate += 1;
      } else {
        totals.conflicting += 1;
        const [winner, loser] = this.#policy === 'last' ? [record, holder] : [holder, record];
        this.conflicts.push({ id: line.id, winner, loser });
        this.table.set(line.id, winner);
      }
    }
    return { ...totals, outcome: 'ingested' };
  }
}

function textOf(lines: readonly Line[]): string {
  return lines
    .map((line) => {
      if (typeof line === 'string') {
        return `${line}\n`;
      }
      const extra = line.isPlain ? '' : ' ';
      const post = 1 + (line.content % 3);
      const user = line.content >= 3 ? `,"UserId":"${line.content}"` : '';
      return `{"Id":"${line.id}",${extra}"PostId":"${post}","VoteTypeId":"5"${user},"CreationDate":"2020-01-0${post}"}\n`;
    })
    .join('');
}

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingest-model-'));
  path = join(folder, 'warehouse.db');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function ingestPaths(
  inputs: readonly string[],
  policy: Policy | 'fail',
  suspectsPerPass = 1_000,
) {
  const { report } = await ingest({
    inputs,
    warehouse: { path, lockTimeoutMs: 0 },
    policy,
    suspectsPerPass,
    gate: undefined,
    signal: new AbortController().signal,
    now: () => new Date(),
  });
  return report;
}

const heldSchema = z.object({ id: z.int(), content: z.int(), path: z.string() });
const conflictSchema = z.object({
  id: z.int(),
  winner_path: z.string(),
  winner_line: z.int(),
  winner_content: z.int(),
  loser_path: z.string(),
  loser_line: z.int(),
  loser_content: z.int(),
});

/** Content is told apart by PostId and UserId, as `textOf` writes it. */
const contentOf = (post: string, user: string): string =>
  `if(${user} is null, ${post} - 1, ${user})::integer`;

async function readTable(warehouse: DuckDbWarehouse) {
  return warehouse.rows(
    heldSchema,
    `select Id as id, ${contentOf('PostId', 'UserId')} as content, path
       from blog_analysis.votes join ops.file on file_id = FileId order by Id`,
  );
}

async function readConflicts(warehouse: DuckDbWarehouse): Promise<Conflict[]> {
  const content = (side: string): string =>
    contentOf(`(${side}->>'PostId')::bigint`, `(${side}->>'UserId')::bigint`);
  const rows = await warehouse.rows(
    conflictSchema,
    `select key as id, w.path as winner_path, winner_line, ${content('winner')} as winner_content,
            l.path as loser_path, loser_line, ${content('loser')} as loser_content
       from ops.conflict
       join ops.file w on w.file_id = winner_file_id
       join ops.file l on l.file_id = loser_file_id`,
  );
  return rows.map((row) => ({
    id: row.id,
    winner: { path: row.winner_path, line: row.winner_line, content: row.winner_content },
    loser: { path: row.loser_path, line: row.loser_line, content: row.loser_content },
  }));
}

const byPlace = (left: Conflict, right: Conflict): number =>
  JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;

const line: fc.Arbitrary<Line> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      id: fc.integer({ min: 1, max: 25 }),
      content: fc.nat(5),
      isPlain: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant('bad' as const) },
  { weight: 1, arbitrary: fc.constant('' as const) },
);
const files = fc.array(fc.array(line, { minLength: 1, maxLength: 40 }), {
  minLength: 1,
  maxLength: 4,
});

describe('ingest', () => {
  test.each(['first', 'last'] as const)(
    'any files, in any runs, give the table, the counts and the places that --on-conflict %s defines',
    async (policy) => {
      await fc.assert(
        fc.asyncProperty(
          files,
          fc.array(fc.boolean()),
          fc.constantFrom(3, 1_000),
          async (contents, breaks, suspectsPerPass) => {
            await rm(path, { force: true });
            await rm(`${path}.status.json`, { force: true });
            const model = new Model(policy);
            // A file without any object is refused, which is another test's matter.
            const wholes = contents.map((lines) => [
              { id: 26, content: 0, isPlain: true },
              ...lines,
            ]);
            const repeated = [...wholes, ...wholes.slice(0, 1)];
            const expected = repeated.map((lines, index) => ({
              path: join(folder, `${index}.jsonl`),
              lines,
            }));
            const reports: IngestReport['files'] = [];
            let run: string[] = [];
            for (const [index, file] of expected.entries()) {
              await writeFile(file.path, textOf(file.lines));
              run.push(file.path);
              if (breaks[index] === true || index === expected.length - 1) {
                reports.push(...(await ingestPaths(run, policy, suspectsPerPass)).files);
                run = [];
              }
            }
            expect(
              reports.map(({ sha256, bytes, ...report }) => ({
                ...report,
                bytes: bytes > 0,
                sha256: sha256?.length,
              })),
            ).toEqual(
              expected.map((file) => ({
                path: file.path,
                ...model.ingest(file.path, file.lines),
                bytes: true,
                sha256: 64,
              })),
            );
            const warehouse = await DuckDbWarehouse.open({
              path,
              access: 'read',
              lockTimeoutMs: 0,
            });
            try {
              expect(await readTable(warehouse)).toEqual(
                [...model.table.entries()]
                  .sort(([left], [right]) => left - right)
                  .map(([id, held]) => ({ id, content: held.content, path: held.path })),
              );
              expect((await readConflicts(warehouse)).sort(byPlace)).toEqual(
                [...model.conflicts].sort(byPlace),
              );
              const checks = await runLedgerChecks(warehouse);
              expect(checks.filter((check) => check.outcome !== 'passed')).toEqual([]);
            } finally {
              warehouse.close();
            }
          },
        ),
        { numRuns: 20 },
      );
    },
    60_000,
  );

  test('A, B, A under last is one accepted and two conflicting; under first one is a duplicate', async () => {
    const aba = [0, 1, 0].map((content) => ({ id: 1, content, isPlain: true }));
    const input = join(folder, 'aba.jsonl');
    await writeFile(input, textOf(aba));
    expect((await ingestPaths([input], 'last')).totals).toMatchObject({
      accepted: 1,
      duplicate: 0,
      conflicting: 2,
    });
    path = join(folder, 'other.db');
    expect((await ingestPaths([input], 'first')).totals).toMatchObject({
      accepted: 1,
      duplicate: 1,
      conflicting: 1,
    });
  });

  test('--on-conflict fail refuses the file, names both places, and keeps the files before', async () => {
    const [first, second] = [join(folder, '1.jsonl'), join(folder, '2.jsonl')];
    await writeFile(first, textOf(['', { id: 1, content: 0, isPlain: true }]));
    await writeFile(
      second,
      textOf([{ id: 2, content: 0, isPlain: true }, 'bad', { id: 1, content: 1, isPlain: true }]),
    );
    const report = await ingestPaths([first, second], 'fail');
    expect(report.files[1]).toMatchObject({
      outcome: 'refused',
      read: 3,
      accepted: 0,
      quarantined: 1,
      refused: 2,
    });
    expect(report.files[1]?.error).toContain('line 3: Id 1 has other content');
    expect(report.files[1]?.error).toContain(`${first}, line 2`);
    expect(report.outcome).toBe('failed');
    const warehouse = await DuckDbWarehouse.open({ path, access: 'read', lockTimeoutMs: 0 });
    expect(await readTable(warehouse)).toEqual([{ id: 1, content: 0, path: first }]);
    warehouse.close();
  });
});
