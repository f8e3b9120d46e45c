import { exitCodes } from '@sluice/schemas';
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { findInputs } from '../../src/input/find-inputs.ts';

let folder: string;
let warehouse: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-inputs-'));
  warehouse = join(folder, 'warehouse.db');
  for (const name of ['b.jsonl', 'a.jsonl.gz', 'c.xml', 'notes.txt', '.hidden.jsonl']) {
    await writeFile(join(folder, name), '');
  }
  await mkdir(join(folder, 'deeper'));
  await writeFile(join(folder, 'deeper', 'd.ndjson'), '');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function namesOf(...args: readonly string[]): Promise<string[]> {
  const { files: inputs } = await findInputs(
    args.map((arg) => join(folder, arg)),
    warehouse,
  );
  return inputs.map((input) => input.slice(folder.length + 1));
}

describe('the inputs', () => {
  test('are the files that are named, whatever they are called, in the order of the arguments', async () => {
    expect(await namesOf('notes.txt', 'b.jsonl')).toEqual(['notes.txt', 'b.jsonl']);
  });

  test('are the visible data files of a folder and of what is below it, by name', async () => {
    expect(await namesOf('.')).toEqual(['a.jsonl.gz', 'b.jsonl', 'c.xml', 'deeper/d.ndjson']);
  });

  test('are the files that a pattern matches, by name', async () => {
    expect(await namesOf('*')).toEqual(['a.jsonl.gz', 'b.jsonl', 'c.xml', 'notes.txt']);
  });

  test('are standard input', async () => {
    expect(await findInputs(['-'], warehouse)).toEqual({
      files: ['-'],
      places: [{ place: '-', kind: 'stream', files: 1 }],
    });
  });

  test.each(['missing.jsonl', 'missing-*.jsonl', 'empty'])(
    'are an error where %s names nothing',
    async (name) => {
      await mkdir(join(folder, 'empty'));
      await expect(namesOf(name)).rejects.toThrow('it names no data file');
    },
  );
});

describe('what belongs to the warehouse', () => {
  const own = ['warehouse.db', 'warehouse.db.wal', 'warehouse.db.status.json'];

  beforeEach(async () => {
    for (const name of own) {
      await writeFile(join(folder, name), '{}');
    }
    await symlink(warehouse, join(folder, 'link.jsonl'));
    await link(join(folder, 'warehouse.db.wal'), join(folder, 'link.ndjson'));
  });

  test.each([...own, 'link.jsonl', 'link.ndjson'])(
    'is refused where it is named: %s',
    async (name) => {
      await expect(namesOf('b.jsonl', name)).rejects.toMatchObject({
        message: expect.stringContaining('it belongs to the warehouse') as string,
        exitCode: exitCodes.usage,
      });
    },
  );

  test.each(['.', '*'])('is left out of %s', async (arg) => {
    expect((await namesOf(arg)).filter((name) => /warehouse|link/.test(name))).toEqual([]);
  });
});
