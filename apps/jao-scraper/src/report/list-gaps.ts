import { addDays } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import type { CoverageGap } from '@sluice/report';
import { formatCount } from '@sluice/report';

import { coverageWords, quietStates, worstFirst } from './coverage-words.ts';
import type { CoveragePart } from './read-coverage-facts.ts';

interface Gap extends CoveragePart {
  readonly to: BusinessDay;
}

/**
 * What is not there, in as few rows as say it all: days in a row that are alike are one, and series
 * that lack the same for the same reason are one. The worst and the largest come first.
 */
export function listGaps(parts: readonly CoveragePart[]): CoverageGap[] {
  const series = new Set(parts.map(({ key }) => key)).size;
  const alike = new Map<string, Gap[]>();
  for (const gap of joinDays(parts.filter(({ state }) => !quietStates.has(state)))) {
    const name = JSON.stringify([gap.state, gap.reason, gap.businessDay, gap.to]);
    alike.set(name, [...(alike.get(name) ?? []), gap]);
  }
  return [...alike.values()]
    .flatMap((gaps) => {
      const [first] = gaps;
      return first === undefined
        ? []
        : {
            subject: subjectOf(gaps, series),
            from: first.businessDay,
            to: first.to,
            style: first.state,
            state: coverageWords[first.state].label,
            count: gaps.reduce((sum, { cells }) => sum + cells, 0),
            reason: first.reason,
          };
    })
    .toSorted(
      (left, right) =>
        worstFirst.indexOf(left.style) - worstFirst.indexOf(right.style) ||
        right.count - left.count ||
        (left.from < right.from ? -1 : 1),
    );
}

/** The parts come by series and day; of a day there may be several states in between. */
function joinDays(parts: readonly CoveragePart[]): Gap[] {
  const done: Gap[] = [];
  const open = new Map<string, Gap>();
  for (const part of parts) {
    const name = JSON.stringify([part.key, part.state, part.reason]);
    const before = open.get(name);
    if (before !== undefined && addDays(before.to, 1) === part.businessDay) {
      open.set(name, { ...before, to: part.businessDay, cells: before.cells + part.cells });
    } else {
      if (before !== undefined) done.push(before);
      open.set(name, { ...part, to: part.businessDay });
    }
  }
  return [...done, ...open.values()];
}

function subjectOf(gaps: readonly Gap[], series: number): string {
  const [first] = gaps;
  const name = first?.key ?? 'the whole dataset';
  if (gaps.length === 1) {
    return name;
  }
  return gaps.length === series
    ? `all ${formatCount(series)} series`
    : `${name} and ${formatCount(gaps.length - 1)} more`;
}
