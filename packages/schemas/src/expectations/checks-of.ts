import type { ExpectationKind, ExpectationSuite } from './expectation.ts';
import type { CheckedPart } from './row-expectations.ts';
import type { TableExpectation } from './table-expectations.ts';

/** Whether what fails such a kind are slots, values, columns or keys; a new one does not compile before it is here. */
const listsWhatFails: Readonly<Record<TableExpectation['kind'], boolean>> = {
  aggregate: false,
  row_count: false,
  set_equals: true,
  set_contains: true,
  reconcile: false,
  same_rows: true,
  freshness: false,
  gaps: true,
  schema: true,
  categories: false,
  spread: false,
  anomaly: false,
};

/** Whether expectations of a kind are about a table as a whole, so that no row fails them. */
export function isAboutWholeTable(kind: ExpectationKind): kind is TableExpectation['kind'] {
  return Object.hasOwn(listsWhatFails, kind);
}

/** Whether what fails an expectation of a kind has keys: rows, or the slots, values or columns of a table. */
export function hasFailingKeys(kind: ExpectationKind): boolean {
  return !isAboutWholeTable(kind) || listsWhatFails[kind];
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
