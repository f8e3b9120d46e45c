import type { ExpectationKind, ExpectationSuite } from './expectation.ts';
import type { CheckedPart } from './row-expectations.ts';
import type { TableExpectation } from './table-expectations.ts';

/** A new kind does not compile before it is here. */
const wholeTable: Readonly<Record<TableExpectation['kind'], true>> = {
  aggregate: true,
  row_count: true,
  set_equals: true,
  set_contains: true,
  reconcile: true,
  same_rows: true,
  freshness: true,
  gaps: true,
  schema: true,
  categories: true,
  spread: true,
  anomaly: true,
};

/** Whether expectations of a kind are about a table as a whole, so that no row fails them. */
export function isAboutWholeTable(kind: ExpectationKind): kind is TableExpectation['kind'] {
  return Object.hasOwn(wholeTable, kind);
}

/** The suite with only those expectations that are of a part of the dataset. */
export function checksOf(suite: ExpectationSuite, part: CheckedPart): ExpectationSuite {
  const expectations = suite.expectations.filter(({ kind, of }) =>
    of === undefined
      ? part === 'whole' || (part === 'batch' && !isAboutWholeTable(kind))
      : of.includes(part),
  );
  return { ...suite, expectations };
}
