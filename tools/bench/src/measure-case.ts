import { mkdir, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

import type { BenchCase, CaseContext, Side, Sides } from './bench-case.ts';
import { compareRuns } from './compare-runs.ts';
import type { Comparison, TimedPair, TimedRun } from './compare-runs.ts';
import { BenchError } from './errors.ts';
import { judgeLimit } from './limit.ts';
import type { JudgedLimit } from './limit.ts';
import { runProcess } from './run-process.ts';
import type { ProcessOptions } from './run-process.ts';

/** Pairs of a case that only starts processes, at least: they are short, and vary by a half. */
const leastStartPairs = 15;

/** What became of one case. */
export interface CaseResult {
  readonly id: string;
  readonly labels: { readonly a: string; readonly b: string };
  readonly comparison: Comparison;
  readonly limits: readonly JudgedLimit[];
  readonly pairs: readonly TimedPair[];
}

/**
 * Runs the two sides of a case in turns, one process at a time; who begins alternates from pair to
 * pair. Its folder is made, and removed at the end unless `keeps`.
 *
 * @throws {BenchError} where a side did not do its work, or the two did not do the same.
 */
export async function measureCase<Context extends CaseContext>({
  benchCase,
  context,
  pairCount,
  keeps,
  onPair,
}: {
  readonly benchCase: BenchCase<Context>;
  readonly context: Context;
  readonly pairCount: number;
  readonly keeps: boolean;
  readonly onPair: (pair: TimedPair) => void;
}): Promise<CaseResult> {
  const { isStartOnly = false } = benchCase;
  const { folder, signal } = context;
  await mkdir(folder);
  try {
    const sides = await benchCase.setUp(context);
    try {
      const count = isStartOnly ? Math.max(pairCount, leastStartPairs) : pairCount;
      const pairs: TimedPair[] = [];
      for (let index = 0; index < count; index += 1) {
        const pair = await runPair({
          sides,
          order: index % 2 === 0 ? ['a', 'b'] : ['b', 'a'],
          runSide: (side) => runSide(side, { folder, readsPeak: !isStartOnly, signal }),
        });
        pairs.push(pair);
        onPair(pair);
      }
      return sumUp({ benchCase, sides, pairs });
    } finally {
      await sides.close?.();
    }
  } finally {
    if (!keeps) await rm(folder, { recursive: true, force: true });
  }
}

interface CheckedRun {
  readonly timed: TimedRun;
  readonly evidence: unknown;
}

async function runPair({
  sides,
  order,
  runSide,
}: {
  readonly sides: Sides;
  readonly order: readonly ['a', 'b'] | readonly ['b', 'a'];
  readonly runSide: (side: Side) => Promise<CheckedRun>;
}): Promise<TimedPair> {
  const first = await runSide(sides[order[0]]);
  const second = await runSide(sides[order[1]]);
  requireSameWork(first.evidence, second.evidence);
  const [a, b] = order[0] === 'a' ? [first, second] : [second, first];
  return { a: a.timed, b: b.timed };
}

async function runSide(
  side: Side,
  options: Omit<ProcessOptions, 'args' | 'environment'>,
): Promise<CheckedRun> {
  await side.prepare();
  const { args, environment = {} } = side;
  const run = await runProcess({ args, environment, ...options });
  const evidence = await side.check(run);
  const seconds = side.readSeconds?.(run) ?? run.seconds;
  const peakBytes = side.readPeakBytes?.(run) ?? run.peakBytes;
  return { timed: { seconds, peakBytes }, evidence };
}

function sumUp({
  benchCase: { id, limits, isPerRow = false },
  sides: { a, b },
  pairs,
}: {
  readonly benchCase: Omit<BenchCase, 'setUp'>;
  readonly sides: Sides;
  readonly pairs: readonly TimedPair[];
}): CaseResult {
  const comparison = compareRuns({ pairs, work: { a: a.work, b: b.work }, isPerRow });
  return {
    id,
    labels: { a: a.label, b: b.label },
    comparison,
    limits: limits.map((limit) => judgeLimit(limit, comparison)),
    pairs,
  };
}

function requireSameWork(a: unknown, b: unknown): void {
  if (a === undefined || b === undefined || isDeepStrictEqual(a, b)) return;
  throw new BenchError(
    `the two sides came to different results: ${JSON.stringify(a)} and ${JSON.stringify(b)}`,
  );
}
