import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { BenchCase, Side, Sides } from '../src/bench-case.ts';
import { measureCase } from '../src/measure-case.ts';
import { requireSuccess } from '../src/checks.ts';

const parseNumber = (stdout: string) => Promise.resolve(Number(stdout));

/** A side whose process prints what `script` calculates; its name goes into `log` when it begins. */
function sideOf(options: {
  readonly name: string;
  readonly script: string;
  readonly log?: string[];
  readonly check?: (stdout: string) => Promise<unknown>;
}): Side {
  const { name, script, log, check = parseNumber } = options;
  return {
    label: name,
    work: { rows: 10, bytes: 100 },
    args: ['-e', `process.stdout.write(String(${script}))`],
    prepare: () => {
      log?.push(name);
      return Promise.resolve();
    },
    check: (run) => {
      requireSuccess(name, run);
      return check(run.stdout);
    },
  };
}

async function measure(
  sides: Sides,
  {
    pairCount = 1,
    keeps = false,
    ...rest
  }: Partial<BenchCase> & { pairCount?: number; keeps?: boolean } = {},
) {
  const parent = await mkdtemp(join(tmpdir(), 'sluice-bench-test-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const folder = join(parent, 'case');
  const benchCase: BenchCase = {
    id: 'case',
    limits: [],
    setUp: async () => {
      await writeFile(join(folder, 'input'), '');
      return sides;
    },
    ...rest,
  };
  const context = { folder, signal: new AbortController().signal };
  const result = await measureCase({
    benchCase,
    context,
    pairCount,
    keeps,
    onPair: () => undefined,
  });
  const isKept = await access(folder).then(
    () => true,
    () => false,
  );
  return { result, isKept };
}

test('the side that begins changes from pair to pair', async () => {
  const log: string[] = [];
  const a = sideOf({ name: 'a', script: '1', log });
  const b = sideOf({ name: 'b', script: '1', log });
  const { result } = await measure({ a, b }, { pairCount: 3 });
  expect(log.join('')).toBe('abbaab');
  expect(result.pairs).toHaveLength(3);
});

test('each time is that of its own side, whoever begins', async () => {
  const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300) && 1';
  const a = sideOf({ name: 'a', script: wait });
  const b = sideOf({ name: 'b', script: '1' });
  const { result } = await measure({ a, b }, { pairCount: 2 });
  expect(result.pairs.map((pair) => pair.a.seconds >= 0.3)).toEqual([true, true]);
});

test('the peak is that of the process itself, with memory outside of the heap of JavaScript', async () => {
  const hold = 'Buffer.alloc(200_000_000, 1).length';
  const a = sideOf({ name: 'a', script: '200_000_000' });
  const b = sideOf({ name: 'b', script: hold });
  const { result } = await measure({ a, b });
  const { a: small, b: large } = result.comparison;
  expect(small.peakBytes).toBeGreaterThan(10e6);
  expect(small.peakBytes).toBeLessThan(150e6);
  expect(large.peakBytes).toBeGreaterThan(200e6);
  expect(large.peakBytes).toBeLessThan(400e6);
});

test('two sides that come to different results are an error', async () => {
  const a = sideOf({ name: 'a', script: '1' });
  const b = sideOf({ name: 'b', script: '2' });
  await expect(measure({ a, b })).rejects.toThrow('different results: 1 and 2');
});

test('a side that gives nothing to compare is not compared', async () => {
  const a = sideOf({ name: 'a', script: '1' });
  const b = sideOf({ name: 'b', script: '2', check: () => Promise.resolve(undefined) });
  await expect(measure({ a, b })).resolves.toMatchObject({ isKept: false });
});

test('a process that fails is an error in its own words', async () => {
  const a = sideOf({ name: 'a', script: '1' });
  const b = sideOf({ name: 'b', script: `(console.error('no room'), process.exit(3))` });
  await expect(measure({ a, b })).rejects.toThrow(/^b: exit code 3: no room$/);
});

test('processes that only start run in more pairs, and report no memory', async () => {
  const a = sideOf({ name: 'a', script: '1' });
  const { result } = await measure({ a, b: a }, { isStartOnly: true });
  expect(result.pairs.length).toBeGreaterThan(10);
  expect(result.comparison.a.peakBytes).toBeUndefined();
});

test('a run may say itself what it took, and its process may be given an environment', async () => {
  const readSeconds = ({ stdout }: { readonly stdout: string }) => Number(stdout);
  const a = {
    ...sideOf({ name: 'a', script: 'process.env.SECONDS' }),
    environment: { SECONDS: '40' },
    readSeconds,
    check: () => Promise.resolve(undefined),
  };
  const { result } = await measure({ a, b: { ...a, environment: { SECONDS: '60' } } });
  expect(result.comparison).toMatchObject({
    a: { medianSeconds: 40 },
    b: { medianSeconds: 60 },
    ratio: 1.5,
  });
});

test('what the sides need is ended, whether they could be measured or not', async () => {
  let ends = 0;
  const close = () => {
    ends += 1;
    return Promise.resolve();
  };
  const a = sideOf({ name: 'a', script: '1' });
  await measure({ a, b: a, close });
  const failing = sideOf({ name: 'b', script: 'process.exit(3)' });
  await expect(measure({ a, b: failing, close })).rejects.toThrow('exit code 3');
  expect(ends).toBe(2);
});

test('the folder of the case stays where it is to be kept', async () => {
  const a = sideOf({ name: 'a', script: '1' });
  expect(await measure({ a, b: a }, { keeps: true })).toMatchObject({ isKept: true });
});
