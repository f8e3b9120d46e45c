import type { CoverageRange } from './coverage-query.ts';

/**
 * Makes one range of ranges of the same key, state and reason that follow each other without a gap,
 * whatever days they are of; the business day and the due time are the first one's.
 */
export async function* joinDays(
  batches: AsyncIterable<readonly CoverageRange[]>,
): AsyncGenerator<CoverageRange[]> {
  let open: CoverageRange | undefined;
  for await (const ranges of batches) {
    const closed: CoverageRange[] = [];
    for (const range of ranges) {
      if (open !== undefined && isContinued(open, range)) {
        open = {
          ...open,
          deliveryEnd: range.deliveryEnd,
          cells: open.cells + range.cells,
          since: later(open.since, range.since),
        };
      } else {
        closed.push(...(open === undefined ? [] : [open]));
        open = range;
      }
    }
    yield closed;
  }
  yield open === undefined ? [] : [open];
}

function isContinued(open: CoverageRange, next: CoverageRange): boolean {
  return (
    open.region === next.region &&
    open.dataset === next.dataset &&
    open.key === next.key &&
    open.state === next.state &&
    open.reason === next.reason &&
    open.deliveryEnd.getTime() === next.deliveryStart.getTime()
  );
}

function later(left: Date | null, right: Date | null): Date | null {
  return left === null || right === null ? (left ?? right) : left > right ? left : right;
}
