import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const processTimeoutMs = 120_000;

const side = z.object({
  label: z.string(),
  medianSeconds: z.number().positive(),
  rowsPerSecond: z.number().positive(),
  megabytesPerSecond: z.number().positive(),
  peakBytes: z.int().positive(),
});
const documentSchema = z.object({
  dataset: z.literal('votes'),
  pairs: z.literal(1),
  rows: z.literal(2000),
  cases: z.tuple([
    z.object({
      id: z.literal('load'),
      a: side,
      b: side,
      ratio: z.number().positive(),
      limits: z.tuple([z.object({ kind: z.literal('ratio-at-most'), value: z.literal(1.4) })]),
      runs: z.array(z.unknown()).length(1),
    }),
  ]),
});

// Starts the apps as they were built: `nx test bench` builds them first.
test(
  'load runs both processes on one file and finds the same rows',
  { timeout: processTimeoutMs },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const flags = ['--rows', '2000', '--pairs', '1', '--only', 'load', '--format', 'json'];
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@sluice/source', main, 'votes', ...flags],
      { env: { TMPDIR: folder } },
    );
    expect(stderr).toMatch(/^bench: load\nbench: load: A [\d.]+ s, B [\d.]+ s, B \/ A [\d.]+\n$/);
    expect(documentSchema.safeParse(JSON.parse(stdout)).error).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  },
);
