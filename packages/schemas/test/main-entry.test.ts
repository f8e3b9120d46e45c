import { readdir, readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

const sources = new URL('../src/', import.meta.url);

test('the main entry loads nothing of the JAO half, whose time zone library takes time to start', async () => {
  const files = (await readdir(sources)).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, sources), 'utf8')));
  expect(files).toContain('index.ts');
  expect(files.filter((_, index) => /jao\/|temporal-polyfill/.test(texts[index] ?? ''))).toEqual(
    [],
  );
});

test('the main entry loads no expectations, for which --help need not wait', async () => {
  const index = await readFile(new URL('index.ts', sources), 'utf8');
  expect(index).not.toContain('expectations/');
});
