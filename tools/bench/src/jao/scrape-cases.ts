import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { Side } from '../bench-case.ts';
import { requireSuccess } from '../checks.ts';
import { BenchError } from '../errors.ts';
import { parseOutput } from '../parse-output.ts';
import { scriptUrl } from '../script-url.ts';
import type { JaoCase } from './jao-case.ts';
import { scrapedSeries } from './scrape-store.ts';
import type { ScrapeStore } from './scrape-store.ts';

/** What `npx metrics-exporter` starts. */
const launcher = fileURLToPath(
  new URL('../../../../apps/metrics-exporter/bin/metrics-exporter.js', import.meta.url),
);
const smallPart = 100;
/** Scrapes at once end at once, so that a hundredth of them is a hundredth of the rounds. */
const rounds = 100;
/** As many as a Prometheus makes in an hour, that asks every 15 seconds. */
const roundsOfHour = 240;
const hours = 4;

const scrapesSchema = z.object({
  p99Ms: z.number().positive(),
  samples: z.int(),
  peakBytes: z.int(),
});

/** What a scrape of `metrics-exporter` costs. */
export const scrapeCases: readonly JaoCase[] = [
  {
    id: 'scrape',
    limits: [
      { kind: 'seconds-at-most', value: 0.1 },
      { kind: 'ratio-at-most', value: 1.3 },
    ],
    setUp: async ({ sizes, scrapeStore }) => ({
      a: scrapeSide(await scrapeStore(Math.ceil(sizes.attempts / smallPart)), rounds),
      b: scrapeSide(await scrapeStore(sizes.attempts), rounds),
    }),
  },
  {
    id: 'scrape-memory',
    limits: [{ kind: 'peak-ratio-at-most', value: 1.05 }],
    setUp: async ({ sizes, scrapeStore }) => {
      const store = await scrapeStore(sizes.attempts);
      return {
        a: scrapeSide(store, roundsOfHour),
        b: scrapeSide(store, hours * roundsOfHour),
      };
    },
  },
];

function scrapeSide({ url, statusFile, attempts }: ScrapeStore, count: number): Side {
  const label = `${count} times 20 scrapes at once, ${attempts} attempts`;
  return {
    label,
    work: { rows: undefined, bytes: undefined },
    args: [fileURLToPath(scriptUrl('jao/measure-scrapes')), launcher, statusFile, String(count)],
    environment: { DATABASE_URL: url },
    prepare: () => Promise.resolve(),
    check: (run) => {
      requireSuccess(label, run);
      const { samples } = parseOutput(scrapesSchema, run.stdout, label);
      if (samples < scrapedSeries) {
        throw new BenchError(`${label}: only ${samples} samples`);
      }
      return Promise.resolve(undefined);
    },
    readSeconds: (run) => parseOutput(scrapesSchema, run.stdout, label).p99Ms / 1000,
    readPeakBytes: (run) => parseOutput(scrapesSchema, run.stdout, label).peakBytes,
  };
}
