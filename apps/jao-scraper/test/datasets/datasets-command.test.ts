import { datasetReportSchema, jaoDatasets } from '@sluice/schemas/jao';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { datasetsCommand } from '../../src/datasets/datasets-command.ts';
import { fakeContext } from '../fake-context.ts';

test('JSON is the whole catalogue, by its published schema', async () => {
  const context = fakeContext();
  expect(await datasetsCommand(context, { format: 'json' })).toBe(0);
  const document: unknown = JSON.parse(context.printed());
  const datasets = z.array(datasetReportSchema).parse(document);
  expect(datasets).toEqual(document);
  expect(datasets.map(({ name }) => name)).toEqual(jaoDatasets.map(({ name }) => name));
  expect(datasets.filter(({ isDefault }) => isDefault)).toMatchObject([
    { name: 'core/maxExchanges', unit: 'MW' },
  ]);
});

test('CSV and table have one line per dataset, with its steps and when it is due', async () => {
  const csv = fakeContext();
  await datasetsCommand(csv, { format: 'csv' });
  const lines = csv.printed().trimEnd().split('\n');
  expect(lines).toHaveLength(jaoDatasets.length + 1);
  expect(lines[0]).toMatch(/^name,region,dataset,path,unit,steps,/);
  expect(lines.find((line) => line.startsWith('core/netPos,'))).toContain(
    '"60 min, from 2025-10-01 15 min"',
  );
  const table = fakeContext();
  await datasetsCommand(table, { format: 'table' });
  const row = table
    .printed()
    .split('\n')
    .find((line) => line.includes(' core/maxExchanges (default) '));
  expect(row).toMatch(/│ MW +│ 60 min +│ D-1 10:30 +│ 2022-06-09 +│/);
});

test('the table fits into a terminal of 120 columns, and has every description', async () => {
  const context = fakeContext();
  await datasetsCommand(context, { format: 'table' });
  const lines = context.printed().trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  const words = new Set(context.printed().split(/[\s│]+/));
  for (const { description } of jaoDatasets) {
    expect(description.split(' ').filter((word) => !words.has(word))).toEqual([]);
  }
});

test.each([
  [['core/netPos'], ['core/netPos']],
  [['CORE/', 'exchanges', 'zone pair'], ['core/maxExchanges']],
  [['core/', 'EUR/MWh'], expect.arrayContaining(['core/priceSpread'])],
])('words find what has all of them: %j', async (args, names) => {
  const context = fakeContext();
  await datasetsCommand(context, { args, format: 'json' });
  const found = z.array(datasetReportSchema).parse(JSON.parse(context.printed()));
  expect(found.map(({ name }) => name)).toEqual(names);
});

test('a word that nothing has is refused, with what may have been meant', async () => {
  const context = fakeContext();
  await expect(
    datasetsCommand(context, { args: ['core/referenceNetPositions'], format: 'csv' }),
  ).rejects.toThrow(
    expect.objectContaining({
      exitCode: 2,
      message:
        'datasets: the catalogue has no "core/referenceNetPositions" (did you mean core/referenceNetPosition?)',
    }),
  );
  expect(context.printed()).toBe('');
});
