import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { findInputs } from '../../src/input/find-inputs.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odd-names-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Makes files, with the folders they lie in. */
async function place(...names: readonly (string | Buffer)[]): Promise<void> {
  for (const name of names) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
    await mkdir(dirname(path.toString('latin1')), { recursive: true });
    await writeFile(path, '');
  }
}

/** What is found, as paths inside the folder. */
async function find(...args: readonly string[]): Promise<string[]> {
  const paths = args.map((arg) => (arg === '-' ? arg : join(folder, arg)));
  const { files: found } = await findInputs(paths, join(folder, 'warehouse.db'));
  return found.map((path) => (path.startsWith(folder) ? path.slice(folder.length + 1) : path));
}

describe('a file that is named', () => {
  const names = [
    'votes.txt',
    '.hidden',
    'a b.jsonl',
    'it\'s "quoted".jsonl',
    'a\nb.jsonl',
    'Größe ✓ 😀.jsonl',
    '[1].jsonl',
    '{a,b}.jsonl',
    '*.jsonl',
    '?',
    'back\\slash.jsonl',
    '$HOME.jsonl',
    '%41.jsonl',
    '--format',
    `${'x'.repeat(249)}.jsonl`,
  ];

  test.each(names)('is taken as it is: %j', async (name) => {
    await place(name, 'a.jsonl', 'b.jsonl', '1.jsonl');
    expect(await find(name)).toEqual([name]);
  });

  test('is taken as often as it is named, in that order, between others', async () => {
    await place('b.jsonl', 'a.jsonl');
    const args = ['b.jsonl', '-', 'a.jsonl', 'b.jsonl'];
    expect(await find(...args)).toEqual(args);
  });

  test('may be a link, and a FIFO', async () => {
    await place('real.jsonl');
    await symlink('real.jsonl', join(folder, 'link'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    expect(await find('link', 'fifo')).toEqual(['link', 'fifo']);
  });
});

describe('a folder', () => {
  test('gives the visible data files below it, by name', async () => {
    await place(
      'b.jsonl',
      'a.ndjson.gz',
      'sub/folder/c.xml.zst',
      'sub/D.JSONL.GZIP',
      'e.json',
      'votes-ingest.config.json',
      'votes.csv',
      'votes.jsonl.part',
      'votes.gz',
      '.git/objects.jsonl',
      'sub/.cache/f.jsonl',
      'x.jsonl/inside.jsonl',
    );
    const inSub = ['sub/D.JSONL.GZIP', 'sub/folder/c.xml.zst'];
    expect(await find('')).toEqual(['a.ndjson.gz', 'b.jsonl', ...inSub, 'x.jsonl/inside.jsonl']);
    expect(await find('sub', 'sub/')).toEqual([...inSub, ...inSub]);
  });

  test('may be hidden itself', async () => {
    await place('.data/a.jsonl');
    expect(await find('.data')).toEqual(['.data/a.jsonl']);
  });

  test('gives links to files, and a broken one too, so that it is noticed', async () => {
    await place('real/a.jsonl');
    await mkdir(join(folder, 'in'));
    await symlink('../real/a.jsonl', join(folder, 'in/good.jsonl'));
    await symlink('../real/gone.jsonl', join(folder, 'in/broken.jsonl'));
    await symlink('broken', join(folder, 'in/broken'));
    expect(await find('in')).toEqual(['in/broken.jsonl', 'in/good.jsonl']);
  });

  test('is looked into once, whatever links lead to it', async () => {
    await place('in/a/1.jsonl', 'in/b/2.jsonl', 'elsewhere/3.jsonl');
    for (const [target, link] of [
      ['.', 'in/self'],
      ['..', 'in/a/up'],
      ['../..', 'in/a/top'],
      ['../a', 'in/b/a'],
      ['../elsewhere', 'in/other'],
    ] as const) {
      await symlink(target, join(folder, link));
    }
    const found = await find('in');
    expect(found.map((path) => basename(path)).sort()).toEqual(['1.jsonl', '2.jsonl', '3.jsonl']);
  });

  test('gives no FIFO and no device, which may have no end', async () => {
    await place('a.jsonl');
    execFileSync('mkfifo', [join(folder, 'fifo.jsonl')]);
    await symlink('/dev/zero', join(folder, 'zero.jsonl'));
    expect(await find('')).toEqual(['a.jsonl']);
    expect(await find('*.jsonl')).toEqual(['a.jsonl']);
  });

  test('gives a file whose name is no UTF-8: it is refused later, and not passed over', async () => {
    await place('a.jsonl', Buffer.from('ff2e6a736f6e6c', 'hex'));
    expect(await find('')).toEqual(['a.jsonl', '\uFFFD.jsonl']);
  });
});

describe('a pattern', () => {
  test('gives files only, and none that is hidden', async () => {
    await place('b.jsonl', 'a.jsonl', 'c.txt', '.hidden.jsonl', 'sub/d.jsonl', 'e.jsonl/f');
    expect(await find('*.jsonl')).toEqual(['a.jsonl', 'b.jsonl']);
    expect(await find('**/*.jsonl')).toEqual(['a.jsonl', 'b.jsonl', 'sub/d.jsonl']);
    expect(await find('{b,c}.*')).toEqual(['b.jsonl', 'c.txt']);
    expect(await find('[ab].jsonl')).toEqual(['a.jsonl', 'b.jsonl']);
  });

  test('matches names with its own characters in them', async () => {
    await place('a[1].jsonl', 'a*.jsonl', 'a{x}.jsonl', 'a1.jsonl');
    expect(await find('a*.jsonl', 'a?.jsonl')).toEqual(['a*.jsonl', 'a*.jsonl', 'a1.jsonl']);
    expect(await find('a?1?.jsonl')).toEqual(['a[1].jsonl']);
    expect(await find('a[1].jsonl')).toEqual(['a[1].jsonl']);
  });

  test('may be longer than a name, and ends where links go round', async () => {
    await place('a.jsonl');
    await symlink('.', join(folder, 'loop'));
    await symlink('.', join(folder, 'again'));
    const alternatives = Array.from({ length: 100 }, (_, index) => `x${index}`);
    expect(await find(`{${alternatives.join()},a}.jsonl`)).toEqual(['a.jsonl']);
    expect(await find('**/*.jsonl')).toEqual(['a.jsonl']);
  });
});

describe('what is not there', () => {
  test.each(['missing.jsonl', 'missing/votes.jsonl', 'file/votes.jsonl'])(
    'is an error with exit code 1, before anything is done: %j',
    async (name) => {
      await place('file', 'there.jsonl');
      await expect(find('there.jsonl', name)).rejects.toMatchObject({
        name: 'CommandError',
        exitCode: 1,
        message: expect.stringContaining(name) as string,
      });
    },
  );

  test('is told from what can not be looked at', async () => {
    await symlink('self', join(folder, 'self'));
    await expect(find('self')).rejects.toThrow(/ELOOP/);
    await expect(find('self')).rejects.toMatchObject({ name: 'CommandError', exitCode: 1 });
    await expect(find('x'.repeat(300))).rejects.toThrow(/ENAMETOOLONG/);
  });
});
