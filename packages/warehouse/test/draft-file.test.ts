import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { prepareDraft } from '../src/draft-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Linux gives out no number as large as this. */
const deadProcessId = 2 ** 30;

test('a draft has a name of its own, of which nothing is left over', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'w.db');
  const kept = ['w.db', `w.db.${process.ppid}.new`, `w.db.${deadProcessId}.tmp`, 'w.db.new', 'x'];
  const removed = [`w.db.${deadProcessId}.new`, `w.db.${process.pid}.new`];
  for (const name of [...kept, ...removed]) {
    await writeFile(join(folder, name), 'half');
  }
  expect(await prepareDraft(path, 'new')).toBe(`${path}.${process.pid}.new`);
  expect(new Set(await readdir(folder))).toEqual(new Set(kept));
});
