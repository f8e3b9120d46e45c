import { availableParallelism } from 'node:os';

import Table from 'cli-table3';

import type { BenchOptions } from './bench-options.ts';
import type { SideFigures } from './compare-runs.ts';
import type { JudgedLimit } from './limit.ts';
import type { CaseResult } from './measure-case.ts';

/** A case that could not be measured. */
export interface FailedCase {
  readonly id: string;
  readonly error: string;
}

const head = ['case', 'A and B', 'median s', 'rows/s', 'MB/s', 'peak MB', 'B / A', 'limits'];
const rightAligned = [false, false, true, true, true, true, true, false];

/** All results as a table: two lines for each case, A above B. */
export function formatTable(
  results: readonly (CaseResult | FailedCase)[],
  { pairs }: Pick<BenchOptions<unknown>, 'pairs'>,
): string {
  const table = new Table({
    head,
    colAligns: rightAligned.map((isRight) => (isRight ? 'right' : 'left')),
    style: { head: [], border: [] },
  });
  for (const result of results) {
    table.push('error' in result ? [result.id, 'failed, see below'] : cellsOf(result));
  }
  const failures = results.flatMap((result) =>
    'error' in result ? [`${result.id} failed: ${result.error}`] : [],
  );
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores, pairs: ${pairs}`;
  const reading = 'B / A is the ratio of the medians (smallest–largest ratio of a pair)';
  return [table.toString(), ...failures, `${machine}; ${reading}`, ''].join('\n');
}

/** All results as one JSON document. */
export function formatJson(
  results: readonly (CaseResult | FailedCase)[],
  {
    dataset,
    pairs,
    sizes,
  }: {
    readonly dataset: string;
    readonly pairs: number;
    readonly sizes: Readonly<Record<string, number>>;
  },
): string {
  const document = {
    dataset,
    node: process.versions.node,
    cores: availableParallelism(),
    pairs,
    ...sizes,
    cases: results.map((result) => ('error' in result ? result : documentOf(result))),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** The figures of one limit, such as `ratio at most 1.40: ok`. */
export function formatLimit({ kind, value, measured, verdict }: JudgedLimit): string {
  switch (kind) {
    case 'ratio-at-most':
      return `at most ${value.toFixed(2)}: ${verdict}`;
    case 'ratio-at-least':
      return `at least ${value.toFixed(2)}: ${verdict}`;
    case 'seconds-more-at-most':
      return `${formatSigned(measured)} s, at most +${value.toFixed(2)}: ${verdict}`;
    case 'seconds-at-most':
      return `at most ${value.toFixed(3)} s: ${verdict}`;
    case 'rows-per-second-at-least':
      return `at least ${formatCount(value)} rows/s: ${verdict}`;
    case 'peak-at-most':
      return `peak at most ${formatMegabytes(value)} MB: ${verdict}`;
    case 'peak-ratio-at-most':
      return `peak ${measured?.toFixed(2) ?? '–'} times, at most ${value.toFixed(2)}: ${verdict}`;
  }
}

function documentOf({ id, labels, comparison, limits, pairs }: CaseResult) {
  const { a, b, ...ratios } = comparison;
  return {
    id,
    a: { label: labels.a, ...a },
    b: { label: labels.b, ...b },
    ...ratios,
    limits,
    runs: pairs,
  };
}

function cellsOf({ id, labels, comparison, limits }: CaseResult): string[] {
  const { a, b, ratio, ratioMin, ratioMax } = comparison;
  const both = (format: (side: SideFigures) => string) => `${format(a)}\n${format(b)}`;
  return [
    id,
    `A ${labels.a}\nB ${labels.b}`,
    both(({ medianSeconds }) => formatSeconds(medianSeconds)),
    both(({ rowsPerSecond }) => formatCount(rowsPerSecond)),
    both(({ megabytesPerSecond }) => megabytesPerSecond?.toFixed(0) ?? '–'),
    both(({ peakBytes }) => formatMegabytes(peakBytes)),
    `${ratio.toFixed(2)}\n(${ratioMin.toFixed(2)}–${ratioMax.toFixed(2)})`,
    limits.map(formatLimit).join('\n'),
  ];
}

function formatCount(count: number | undefined): string {
  if (count === undefined) return '–';
  return count >= 1e6 ? `${(count / 1e6).toFixed(2)}M` : `${(count / 1e3).toFixed(0)}k`;
}

/** To the millisecond, and to the hundredth of one where there are few. */
function formatSeconds(seconds: number): string {
  return seconds.toFixed(seconds < 0.1 ? 5 : 3);
}

function formatMegabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 1e6).toFixed(0);
}

function formatSigned(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  return `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(2)}`;
}
