import { exitCodes, verifyReportSchema } from '@sluice/schemas';
import type { VerifyReport } from '@sluice/schemas';
import { statusFilePath } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { verifyCommand } from '../../src/verify/verify-command.ts';
import { collectStatus } from '../../src/warehouse/status.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine, voteLines } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const checkIds = [
  'status.lost_tail',
  'storage.readable',
  'schema.version',
  'votes.unique',
  'votes.types',
  'ledger.balanced',
  'ledger.rows',
  'runs.ended',
  'ledger.complete',
  'files.known_once',
  'votes.files',
  'files.lines',
  'files.accepted',
  'files.conflicting',
  'files.quarantined',
  'status.current',
];

async function verify(path: string): Promise<VerifyReport> {
  const context = fakeContext(path);
  const exitCode = await verifyCommand(context, { format: 'json' });
  const report = verifyReportSchema.parse(JSON.parse(context.printed()));
  expect(exitCode).toBe(report.outcome === 'passed' ? exitCodes.done : exitCodes.fellShort);
  return report;
}

function failedIds({ checks }: VerifyReport): string[] {
  return checks.filter((check) => check.outcome === 'failed').map((check) => check.id);
}

async function withLoaded(use: (loaded: LoadedWarehouse) => Promise<void>): Promise<void> {
  await withTemporaryFolder((folder) => use(new LoadedWarehouse(folder)));
}

/** A warehouse of ten votes, and one with everything that the checks look at. */
const templates = new Map<'plain' | 'mixed', LoadedWarehouse>();

async function withCopy(
  name: 'plain' | 'mixed',
  use: (loaded: LoadedWarehouse) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const copy = await templates.get(name)?.copyTo(folder);
    await use(copy ?? expect.fail(`there is no template ${name}`));
  });
}

let templateFolder: string;

beforeAll(async () => {
  templateFolder = await mkdtemp(join(tmpdir(), 'votes-ingest-'));
  for (const [name, load] of [
    ['plain', loadPlain],
    ['mixed', loadMixed],
  ] as const) {
    const folder = join(templateFolder, name);
    await mkdir(folder);
    const loaded = new LoadedWarehouse(folder);
    await load(loaded);
    templates.set(name, loaded);
  }
});

afterAll(async () => {
  await rm(templateFolder, { recursive: true });
});

async function loadPlain(loaded: LoadedWarehouse): Promise<void> {
  await loaded.load('a.jsonl', voteLines(1, 10));
}

/** Duplicates, conflicts under two policies, quarantine, a refused and a known file. */
async function loadMixed(loaded: LoadedWarehouse): Promise<void> {
  await loaded.load('a.jsonl', [...voteLines(1, 10), 'bad', voteLine(3), voteLine(4, 2)]);
  await loaded.load('b.jsonl', [voteLine(5), voteLine(6, 2), voteLine(7, 2), ...voteLines(11, 14)]);
  await loaded.load('c.jsonl', [voteLine(6, 3), voteLine(7, 3), voteLine(20)], 'first');
  await loaded.load('foreign.csv', ['Id,PostId', '1,2']);
  await loaded.ingest([join(loaded.folder, 'a.jsonl')]);
}

test('a sound warehouse passes every check', async () => {
  await withCopy('mixed', async (loaded) => {
    const report = await verify(loaded.path);

    expect(failedIds(report)).toEqual([]);
    expect(report.checks.map((check) => check.id)).toEqual(checkIds);
  });
});

test('the table shows each check with its outcome', async () => {
  await withCopy('plain', async (loaded) => {
    const context = fakeContext(loaded.path);

    expect(await verifyCommand(context, { format: 'table' })).toBe(exitCodes.done);

    expect(context.printed()).toMatch(/votes\.unique\s+│ passed\s+│ 10 rows with 10 distinct Ids/);
  });
});

describe('tampering is found', () => {
  const firstRun = '(select run_id from ops.run limit 1)';
  test.each([
    [
      'a doubled row',
      'insert into blog_analysis.votes from blog_analysis.votes limit 1',
      ['votes.unique', 'ledger.rows', 'files.lines', 'files.accepted', 'status.current'],
    ],
    [
      'a deleted row',
      'delete from blog_analysis.votes where Id = 1',
      ['status.lost_tail', 'ledger.rows', 'files.lines', 'files.accepted', 'status.current'],
    ],
    [
      'a row of no file',
      'update blog_analysis.votes set FileId = 99 where Id = 1',
      ['votes.files', 'files.lines', 'files.accepted'],
    ],
    [
      'a row moved to another file',
      'update blog_analysis.votes set FileId = 2 where Id = 1',
      ['files.lines', 'files.accepted'],
    ],
    [
      'a changed total',
      'update ops.file set duplicate = duplicate + 1 where file_id = 1',
      ['ledger.balanced', 'status.current'],
    ],
    [
      'totals that move between files and still add up',
      `update ops.file set read = read + if(file_id = 1, 1, -1),
              accepted = accepted + if(file_id = 1, 1, -1) where file_id in (1, 2)`,
      ['files.accepted', 'status.current'],
    ],
    [
      'a quarantine entry that is gone',
      'delete from ops.quarantine where file_id = 1',
      ['files.quarantined', 'status.current'],
    ],
    [
      'a conflict that is gone',
      "delete from ops.conflict where key = 6 and policy = 'last'",
      ['files.lines', 'files.accepted', 'files.conflicting', 'status.current'],
    ],
    [
      'an accepted line that is gone',
      'delete from ops.accepted_lines where file_id = 3',
      ['files.lines'],
    ],
    [
      'a run that never ended',
      `update ops.run set outcome = 'running' where run_id = ${firstRun}`,
      ['runs.ended', 'status.current'],
    ],
    [
      'a run that is gone',
      `delete from ops.run where run_id = ${firstRun}`,
      ['status.lost_tail', 'ledger.complete', 'status.current'],
    ],
    [
      'a content that counts as ingested twice',
      `update ops.file set outcome = 'ingested' where outcome = 'already_ingested'`,
      ['files.known_once', 'status.current'],
    ],
    [
      'a vote type without its name',
      'delete from blog_analysis.vote_types where VoteTypeId = 2',
      ['votes.types'],
    ],
    [
      'a migration that is missing',
      `delete from ops.migration where owner = 'ops' and version = 2`,
      ['schema.version'],
    ],
    [
      'a migration of other content',
      `update ops.migration set sha256 = 'x' where owner = 'ops' and version = 1`,
      ['schema.version'],
    ],
  ])('%s', async (_, statement, expected) => {
    await withCopy('mixed', async (loaded) => {
      await loaded.run(statement);

      expect(failedIds(await verify(loaded.path))).toEqual(expected);
    });
  });
});

test('a migration newer than this program is no failure', async () => {
  await withCopy('plain', async (loaded) => {
    await loaded.run(`insert into ops.migration values ('ops', 99, '0099-x.sql', 'x', now())`);

    const report = await verify(loaded.path);

    expect(failedIds(report)).toEqual([]);
    expect(report.checks.find((check) => check.id === 'schema.version')?.message).toMatch(/ops 99/);
  });
});

describe('a lost tail is reported with what is missing and how to get it back', () => {
  /** Commits a file with its status, all of it still in the write-ahead log. */
  async function loadIntoWal(loaded: LoadedWarehouse): Promise<string> {
    await loaded.use('write', async (warehouse) => {
      await warehouse.run('pragma disable_checkpoint_on_shutdown');
      await warehouse.run(
        `insert into ops.run select * replace (uuid() as run_id) from ops.run limit 1`,
      );
      await warehouse.run(
        `insert into blog_analysis.votes
         select * replace (Id + 100 as Id) from blog_analysis.votes`,
      );
      const status = await collectStatus(warehouse, new Date());
      await writeFile(statusFilePath(loaded.path), JSON.stringify(status));
    });
    return `${loaded.path}.wal`;
  }

  const lost = (report: VerifyReport) =>
    report.checks.find((check) => check.id === 'status.lost_tail');

  test('a write-ahead log that was cut', async () => {
    await withCopy('plain', async (loaded) => {
      const wal = await loadIntoWal(loaded);
      await truncate(wal, Math.floor((await stat(wal)).size / 2));

      const report = await verify(loaded.path);

      expect(failedIds(report)).toContain('status.lost_tail');
      expect(lost(report)?.message).toMatch(
        /records 20 rows, 2 runs and 1 file entries; 10 rows.* are missing\. Restore a backup/,
      );
    });
  });

  test('a write-ahead log that was deleted', async () => {
    await withCopy('plain', async (loaded) => {
      await rm(await loadIntoWal(loaded));

      expect(lost(await verify(loaded.path))?.message).toMatch(/10 rows, 1 runs are missing/);
    });
  });

  test('a database file that an older one replaced names the files to ingest again', async () => {
    await withCopy('plain', async (loaded) => {
      await copyFile(loaded.path, `${loaded.path}.old`);
      const path = await loaded.load('b.jsonl', voteLines(11, 13));
      await copyFile(`${loaded.path}.old`, loaded.path);

      const report = await verify(loaded.path);

      expect(lost(report)?.outcome).toBe('failed');
      expect(lost(report)?.message).toMatch(/3 rows, 1 runs, 1 file entries are missing/);
      expect(lost(report)?.message).toContain(`at least: ${path} (sha256 `);
    });
  });

  test('a database file that is gone', async () => {
    await withCopy('plain', async (loaded) => {
      await rm(loaded.path);

      expect(lost(await verify(loaded.path))?.message).toMatch(/10 rows, 1 runs/);
      expect(existsSync(loaded.path)).toBe(false);
    });
  });

  test('a database file that an empty one replaced', async () => {
    await withCopy('plain', async (loaded) => {
      await rm(loaded.path);
      await loaded.run('select 1');

      const report = await verify(loaded.path);

      expect(report.checks).toHaveLength(1);
      expect(lost(report)?.message).toMatch(/10 rows, 1 runs/);
    });
  });
});

describe('a status file that can not be trusted', () => {
  test.each([
    ['garbage', 'garbage', /is no status of a warehouse.*delete it to have it rebuilt/],
    ['nothing', '', /is no status of a warehouse/],
    ['another version', '{"schemaVersion":2}', /is no status of a warehouse/],
  ])('%s', async (_, text, message) => {
    await withCopy('plain', async (loaded) => {
      await writeFile(statusFilePath(loaded.path), text);

      const report = await verify(loaded.path);

      expect(failedIds(report)).toEqual(['status.current']);
      expect(report.checks.map((check) => check.id)).not.toContain('status.lost_tail');
      expect(report.checks.at(-1)?.message).toMatch(message);
    });
  });

  test('none at all', async () => {
    await withCopy('plain', async (loaded) => {
      await rm(statusFilePath(loaded.path));

      const report = await verify(loaded.path);

      expect(failedIds(report)).toEqual(['status.current']);
      expect(report.checks.at(-1)?.message).toMatch(/there is no status file/);
    });
  });

  test('one of an earlier state is stale, and says in what', async () => {
    await withCopy('plain', async (loaded) => {
      const earlier = await readFile(statusFilePath(loaded.path));
      await loaded.load('b.jsonl', voteLines(11, 13));
      await writeFile(statusFilePath(loaded.path), earlier);

      const report = await verify(loaded.path);

      expect(failedIds(report)).toEqual(['status.current']);
      expect(report.checks.at(-1)?.message).toMatch(/is stale in contents, totals/);
    });
  });
});

describe('damage', () => {
  test('a flipped bit in any block ends as an error that says what to do', async () => {
    await withLoaded(async (loaded) => {
      await loaded.load('a.jsonl', voteLines(1, 20_000));
      const intact = await readFile(loaded.path);
      let found = 0;
      // Blocks are 256 KiB after three headers of 4 KiB; a flip in a free block is no damage.
      for (let block = 12_288; block < intact.length; block += 262_144) {
        const damaged = Buffer.from(intact);
        damaged[block + 1_000] = (damaged[block + 1_000] ?? 0) ^ 1;
        await writeFile(loaded.path, damaged);
        try {
          expect(failedIds(await verify(loaded.path))).toEqual([]);
        } catch (error) {
          expect(String(error)).toMatch(/its bytes are damaged.*restore a backup/s);
          found += 1;
        }
      }
      expect(found).toBeGreaterThan(1);
    });
  });

  test('a file cut short is an error', async () => {
    await withLoaded(async (loaded) => {
      await loaded.load('a.jsonl', voteLines(1, 20_000));
      await truncate(loaded.path, 300_000);

      await expect(verify(loaded.path)).rejects.toThrow(/damaged/);
    });
  });
});

test.each([
  ['no file', undefined, 'MISSING'],
  ['another kind of file', 'PAR1 and no warehouse at all'.repeat(1000), 'NOT_A_WAREHOUSE'],
])('%s is a clear error', async (_, content, code) => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'warehouse.db');
    if (content !== undefined) {
      await writeFile(path, content);
    }
    await expect(verify(path)).rejects.toMatchObject({ code });
  });
});
