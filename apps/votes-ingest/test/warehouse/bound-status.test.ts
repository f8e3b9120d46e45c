import { warehouseStatusLimits, warehouseStatusSchema, zeroTotals } from '@sluice/schemas';
import type { RunReport, WarehouseStatus } from '@sluice/schemas';
import { statusFilePath, writeStatusFile } from '@sluice/warehouse';
import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { boundStatus } from '../../src/warehouse/bound-status.ts';
import { CheckedWarehouse } from '../ingest/checked-warehouse.ts';
import { fileOf, goodLine, voteSource } from '../ingest/vote-source.ts';

const limits = warehouseStatusLimits;
const many = <Item>(length: number, make: (index: number) => Item): Item[] =>
  Array.from({ length }, (_, index) => make(index));
/** Each of its characters takes six bytes in JSON. */
const long = (length: number): string => '\u0001'.repeat(length);
/** Longer than any file system allows. */
const longPath = long(4096);

const result = {
  resultId: '01a1fe6f-da10-776c-8593-b2b5d7980ef3',
  runId: '01a1fe6f-da10-776c-8593-b2b5d7980ef4',
  dataset: 'votes',
  relation: 'blog_analysis.votes',
  scope: null,
  period: null,
  checkId: 'votes.id.unique',
  kind: 'unique',
  fingerprint: 'f',
  outcome: 'passed',
  severity: null,
  action: null,
  observed: long(2000),
  expected: long(2000),
  value: null,
  tested: 12,
  failing: 0,
  message: long(4000),
  durationMs: 1,
  checkedAt: '2026-03-10T04:15:09.000Z',
} as const;

const run: RunReport = {
  runId: '01a1fe6f-da10-776c-8593-b2b5d7980ef4',
  command: 'ingest',
  outcome: 'failed',
  startedAt: '2026-03-10T04:15:00.000Z',
  endedAt: '2026-03-10T04:15:10.000Z',
  appVersion: '0.1.0',
  contractVersion: '1',
  error: long(100_000),
  totals: zeroTotals,
  files: many(limits.filesPerRun, () => ({
    ...zeroTotals,
    path: longPath,
    sha256: null,
    bytes: 0,
    outcome: 'refused' as const,
    error: `${longPath}: cannot be read`,
  })),
  drift: many(limits.driftPerRun, (index) => ({
    kind: 'unknown_field' as const,
    value: `${String(index)} ${long(190)}`,
    count: 1,
  })),
  leftOut: { files: 3, drift: 1000 },
};

/** A warehouse with one run, told of as if there were as much of everything as can be. */
async function largestStatus(warehouse: CheckedWarehouse): Promise<WarehouseStatus> {
  await warehouse.ingestBytes(fileOf([goodLine(1)]));
  const status = await warehouse.status();
  const failed = { ...result, outcome: 'failed' as const };
  return warehouseStatusSchema.parse({
    ...status,
    quality: [...many(2 * limits.checks, () => result), failed],
    arrivals: {
      file: 'votes-*.jsonl',
      at: '2026-03-10T04:15:10.000Z',
      byState: {
        present: 0,
        not_expected: 0,
        quarantined: 0,
        not_due: 0,
        late: 0,
        not_provided: limits.missingFiles,
        not_collected: 0,
      },
      missing: many(limits.missingFiles, () => ({
        name: longPath,
        firstDay: '2026-03-10',
        lastDay: '2026-03-10',
        state: 'not_provided',
        dueAt: '2026-03-10T04:15:10.000Z',
        since: null,
        reason: '',
        isGivenUp: false,
      })),
      next: null,
    },
    runs: many(limits.runs, () => run),
  });
}

test('the largest status that can be written is within what a reader takes', async () => {
  const warehouse = await CheckedWarehouse.create();
  try {
    const status = boundStatus(await largestStatus(warehouse));
    await writeStatusFile(warehouse.path, status);
    const { size } = await stat(statusFilePath(warehouse.path));
    expect(size).toBeLessThanOrEqual(limits.sizeBytes);
    expect(size).toBeGreaterThan(0.9 * limits.sizeBytes);

    expect(status.runs).toHaveLength(limits.runs);
    for (const { files, drift, leftOut } of status.runs) {
      expect(files.length + (leftOut?.files ?? 0)).toBe(limits.filesPerRun + 3);
      expect(drift.length + (leftOut?.drift ?? 0)).toBe(limits.driftPerRun + 1000);
    }
    const [newest] = status.runs;
    expect(newest?.files.length).toBeGreaterThan(0);
    expect(status.runs.at(-1)?.files).toEqual([]);

    const { quality = [], qualityLeftOut = 0 } = status;
    expect(quality.length + qualityLeftOut).toBe(2 * limits.checks + 1);
    expect(quality.at(-1)?.outcome).toBe('failed');
    expect(quality.length).toBeLessThanOrEqual(limits.checks);
    expect(Object.keys(status.openQuarantine.byReason).length).toBeLessThanOrEqual(limits.reasons);
  } finally {
    await warehouse.remove();
  }
});

test('a check that found very much costs no other check its result', async () => {
  const warehouse = await CheckedWarehouse.create();
  try {
    await warehouse.ingestBytes(fileOf([goodLine(1)]));
    const text = 'x'.repeat(2_400_000);
    const endless = { ...result, outcome: 'failed' as const, observed: text, message: text };
    const status = { ...(await warehouse.status()), quality: [result, endless, result] };
    const { quality, qualityLeftOut } = boundStatus(status);
    expect(qualityLeftOut).toBeUndefined();
    const cut = text.slice(0, 4000);
    expect(quality).toEqual([result, { ...endless, observed: cut, message: cut }, result]);
  } finally {
    await warehouse.remove();
  }
});

test('a status that is small enough stays as it is', async () => {
  const warehouse = await CheckedWarehouse.create();
  try {
    await warehouse.ingestBytes(fileOf([goodLine(1), 'bad', voteSource({ Id: '2', Extra: '1' })]));
    const status = await warehouse.status();
    expect(status.runs[0]?.drift).toHaveLength(1);
    expect(boundStatus(status)).toEqual(status);
  } finally {
    await warehouse.remove();
  }
});

test('of many unknown fields the most frequent are named, and the others counted', async () => {
  const warehouse = await CheckedWarehouse.create();
  try {
    const names = many(limits.driftPerRun + 20, (index) => `field${String(index)}`);
    const fieldsOf = (those: readonly string[]) =>
      Object.fromEntries(those.map((name) => [name, '1']));
    await warehouse.ingestBytes(
      fileOf([
        voteSource({ Id: '1', ...fieldsOf(names) }),
        voteSource({ Id: '2', ...fieldsOf(names.slice(20)) }),
      ]),
    );
    const [told] = (await warehouse.status()).runs;
    expect(told?.drift.map(({ value }) => value).toSorted()).toEqual(names.slice(20).toSorted());
    expect(told?.leftOut).toEqual({ files: 0, drift: 20 });
  } finally {
    await warehouse.remove();
  }
});
