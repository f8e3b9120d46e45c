import type { MetricFormat } from '@sluice/metrics';
import { readExposition } from '@sluice/metrics/testing';
import type { ReadSample } from '@sluice/metrics/testing';
import { postgresAt } from '@sluice/warehouse/postgres';
import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';

import { databaseCollectors } from '../src/collectors/database-collectors.ts';
import { createOwnProcess } from '../src/collectors/process-metrics.ts';
import type { Collector } from '../src/gather/collector.ts';
import { Scraper } from '../src/gather/scraper.ts';
import { connectTimeoutMs, maxConnections } from '../src/serve-command.ts';

/** Longer than anything takes that is not stuck. */
export const patientMs = 30_000;

/** A scrape as somebody reads it. */
export interface Scrape {
  readonly text: string;
  readonly samples: readonly ReadSample[];
  /** The values of a metric by its labels, each as `name=value` with commas between. */
  readonly valuesOf: (name: string) => Readonly<Record<string, number>>;
  /** The collectors that failed. */
  readonly failed: readonly string[];
}

/** The collectors of the app on a Postgres, besides its own process and what else is given. */
export function scraperOn(
  url: string,
  {
    maxSeries = 500,
    others = [],
  }: { readonly maxSeries?: number; readonly others?: readonly Collector[] } = {},
) {
  const applicationName = `test ${randomUUID()}`;
  const db = postgresAt({
    url,
    role: 'metrics',
    applicationName,
    poolSize: maxConnections,
    connectTimeoutMs,
  });
  onTestFinished(() => db.close());
  const failures: string[] = [];
  const collectors = [
    createOwnProcess('test').collector,
    ...others,
    ...databaseCollectors(db, { maxSeries }),
  ];
  const scraper = new Scraper(collectors, {
    onFailure: (name, error) => failures.push(`${name}: ${error}`),
  });
  const scrape = async (timeoutMs = patientMs, format: MetricFormat = 'text'): Promise<Scrape> =>
    readScrape(String(await scraper.scrape({ format, isCompressed: false, timeoutMs })));
  return { applicationName, scrape, failures };
}

/** Reads what a scrape was answered with. */
export function readScrape(text: string): Scrape {
  const samples = readExposition(text);
  const valuesOf = (wanted: string) =>
    Object.fromEntries(
      samples
        .filter(({ name }) => name === wanted)
        .map(({ labels, value }) => [
          Object.entries(labels)
            .map((pair) => pair.join('='))
            .join(','),
          value,
        ]),
    );
  const success = Object.entries(valuesOf('sluice_exporter_collector_success'));
  return {
    text,
    samples,
    valuesOf,
    failed: success
      .filter(([, value]) => value === 0)
      .map(([label]) => label.slice('collector='.length)),
  };
}
