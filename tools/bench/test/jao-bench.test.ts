import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const testTimeoutMs = 300_000;

const ids = [
  'month',
  'history',
  'refetch',
  'latest-day',
  'as-of-day',
  'coverage',
  'coverage-day',
  'coverage-rebuild',
  'scrape',
];
const side = z.object({ label: z.string(), medianSeconds: z.number().positive() });
const documentSchema = z.object({
  dataset: z.literal('jao'),
  pairs: z.literal(1),
  days: z.literal(2),
  versions: z.literal(20_000),
  cases: z.array(
    z.object({
      id: z.string(),
      a: side,
      b: side,
      ratio: z.number().positive(),
      limits: z.array(z.object({ verdict: z.enum(['ok', 'over']) })).min(1),
    }),
  ),
});

// Starts the apps as they were built: `nx test bench` builds them first.
test(
  'both sides of each kind of case store, and read, the same; nothing is left behind',
  { timeout: testTimeoutMs },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const sizes = [
      '--days',
      '2',
      '--versions',
      '20k',
      '--cells',
      '20k',
      '--attempts',
      '2k',
      '--pairs',
      '1',
    ];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@sluice/source', main, 'jao', ...sizes]
        .concat(['--only', ids.join(',')])
        .concat(['--format', 'json']),
      { env: { TMPDIR: folder } },
    );
    const document = documentSchema.parse(JSON.parse(stdout));
    expect(document.cases.map(({ id }) => id)).toEqual(ids);
    expect(await readdir(folder)).toEqual([]);
  },
);
