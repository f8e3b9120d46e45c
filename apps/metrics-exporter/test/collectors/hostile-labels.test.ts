import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { votesStatusCollector } from '../../src/collectors/votes-status.ts';
import { fillLedger } from '../full-ledger.ts';
import { addAppViews, createOpsDatabase } from '../metrics-database.ts';
import { scraperOn } from '../scrape.ts';
import { sampleStatus } from '../sample-status.ts';

const pieces = [
  '"',
  '\\',
  '\n',
  '\r',
  '{}',
  ',',
  '=',
  ' ',
  '#',
  '\t',
  'ü',
  '漢',
  '🦀',
  '\u202e',
  'n',
];
/** All that Postgres can store: any text without NUL. */
const hostile = Array.from({ length: 100 }, (_, index) => {
  const length = index % 10 === 0 ? 10_000 : index;
  const text = Array.from(
    { length },
    (__, place) => pieces[(index * 7 + place * (index + 3)) % pieces.length],
  );
  return `${String(index)}${text.join('')}`;
});
const metric = 'sluice_series_last_observation_timestamp_seconds';

let database: TestDatabase;
let owner: PostgresDatabase;

beforeAll(async () => {
  ({ database, owner } = await createOpsDatabase());
  await addAppViews(owner);
  await fillLedger(owner);
  await owner.run(
    `insert into ops.stored_series_v1
     select 'core/hostile', s.key, to_timestamp(s.n) from unnest($1::text[]) with ordinality as s (key, n)`,
    [hostile],
  );
});

afterAll(async () => {
  await owner.close();
});

test('100 hostile keys are the same samples in both formats, as they were stored', async () => {
  const { scrape } = scraperOn(database.url('metrics'));
  const text = await scrape();
  const open = await scrape(undefined, 'openMetrics');
  expect(text.failed).toEqual([]);
  const seriesOf = ({ samples }: typeof text) =>
    samples.filter(({ name, labels }) => name === metric && labels['dataset'] === 'core/hostile');
  expect(new Map(seriesOf(text).map(({ labels, value }) => [labels['series'], value]))).toEqual(
    new Map(hostile.map((key, index) => [key, index + 1])),
  );
  expect(seriesOf(open)).toEqual(seriesOf(text));
  // Collections of garbage are told of once there was one, which may be between the two.
  const namesOf = ({ samples }: typeof text) =>
    samples.map(({ name }) => name).filter((name) => !name.startsWith('nodejs_gc_'));
  expect(namesOf(open)).toEqual(namesOf(text));
});

test.skipIf(spawnSync('promtool', ['--version']).error !== undefined)(
  'promtool finds nothing wrong in all that there is (needs promtool, which Debian has in its package prometheus)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-exporter-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'votes "x".db.status.json');
    await writeFile(path, JSON.stringify(sampleStatus));
    const { scrape } = scraperOn(database.url('metrics'), { others: [votesStatusCollector(path)] });
    const { text, failed } = await scrape();
    expect(failed).toEqual([]);
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' });
  },
);
