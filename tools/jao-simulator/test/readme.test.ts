import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { createCommand } from '../src/command.ts';
import { simulatedDatasets } from '../src/dataset.ts';
import { faultKinds } from '../src/index.ts';
import { revisionKinds } from '../src/publication.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

test('the README has every flag, every fault, every kind of revision and every dataset', () => {
  const flags = createCommand(() => Promise.resolve()).options.map(({ flags: form }) => form);
  const names = [...flags, ...faultKinds, ...revisionKinds].map((name) => `\`${name}\``);
  const datasets = simulatedDatasets.map(({ name }) => name.slice(name.indexOf('/') + 1));
  expect([...names, ...datasets].filter((name) => !readme.includes(name))).toEqual([]);
});
