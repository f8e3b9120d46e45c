import { createCertificate } from '@sluice/jao-simulator';
import { addProcessMetrics, createRegistry, readRegistry } from '@sluice/metrics';
import type { MetricFamily } from '@sluice/metrics';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { certificateCollector } from '../src/collectors/certificate.ts';
import { jobIntervalCollector } from '../src/collectors/job-intervals.ts';
import { votesStatusCollector } from '../src/collectors/votes-status.ts';
import { openWebConfig } from '../src/web-config/web-config.ts';
import { fillLedger } from './full-ledger.ts';
import { metricCatalogue } from './metric-catalogue.ts';
import { addAppViews, createOpsDatabase } from './metrics-database.ts';
import { sampleStatus } from './sample-status.ts';
import { scraperOn } from './scrape.ts';

const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');

/** The rows of the page's tables of metrics, by the metric's name. */
const documented = new Map(
  page
    .split('\n')
    .filter((line) => /^\| `[a-z]+_/.test(line))
    .map((line) => {
      const [name = '', type, unit, labels = '', meaning] = line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [
        name.replaceAll('`', ''),
        { type, unit, labels: [...labels.matchAll(/[a-z_]+/g)].map(([label]) => label), meaning },
      ] as const;
    }),
);

/** What a name says of its unit. */
function unitOf(name: string): string {
  const [, unit = ''] = /_(timestamp_seconds|seconds|bytes|ratio)(?:_total)?$/.exec(name) ?? [];
  return unit
    .replace('timestamp_seconds', 'Unix time, s')
    .replace(/^seconds$/, 's')
    .replace('bytes', 'B');
}

async function readProcessFamilies(): Promise<readonly MetricFamily[]> {
  const registry = createRegistry();
  addProcessMetrics(registry);
  return readRegistry(registry);
}

test('docs/metrics.md has each metric of the app, as it is declared, and no other', () => {
  const declared = metricCatalogue.map(({ name, kind, labelNames, help }) => [
    name,
    { type: kind, unit: unitOf(name), labels: [...labelNames], meaning: help },
  ]);
  const rows = [...documented].filter(([name]) => !/^(?:process|nodejs)_/.test(name));
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(declared));
  expect(rows).toHaveLength(declared.length);
});

test('docs/metrics.md has each metric that every process tells', async () => {
  for (const { name, kind, help } of await readProcessFamilies()) {
    expect(documented.get(name), name).toMatchObject({
      type: kind,
      unit: unitOf(name),
      meaning: help,
    });
  }
});

test('what is scraped of everything is declared, with its labels, and everything is scraped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'warehouse.db.status.json');
  await writeFile(path, JSON.stringify(sampleStatus));
  const { database, owner } = await createOpsDatabase();
  await addAppViews(owner);
  await fillLedger(owner);
  await owner.close();
  const { cert, key } = createCertificate('self-signed', Date.now());
  const tls = { cert: Buffer.from(cert), key: Buffer.from(key), clientCa: undefined };
  const { scrape } = scraperOn(database.url('metrics'), {
    others: [
      votesStatusCollector(path),
      certificateCollector(() => ({ ...openWebConfig, tls })),
      jobIntervalCollector([{ jobName: 'votes-ingest', intervalMs: 86_400_000 }]),
    ],
  });
  const { samples, failed } = await scrape();
  expect(failed).toEqual([]);
  for (const { name, labels } of samples) {
    const family = documented.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
    const known = documented.get(family);
    expect(known, name).toBeDefined();
    const unknown = Object.keys(labels).filter((label) => !known?.labels.includes(label));
    expect(unknown, name).toEqual([]);
  }
  const scraped = new Set(samples.map(({ name }) => name));
  const missing = metricCatalogue.map(({ name }) => name).filter((name) => !scraped.has(name));
  expect(missing).toEqual([]);
});
