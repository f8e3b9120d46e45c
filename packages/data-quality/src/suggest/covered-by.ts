import type { Expectation, ExpectationSuite } from '@sluice/schemas/expectations';

/** What is said by a kind is said by these too, of the same columns. */
const saidBy: Readonly<Partial<Record<Expectation['kind'], readonly Expectation['kind'][]>>> = {
  not_null: ['missing'],
  no_sentinel: ['missing', 'not_in_set'],
  in_set: ['set_equals', 'reference'],
  form: ['pattern'],
  pattern: ['form', 'in_set'],
  length: ['pattern', 'form', 'in_set'],
  range: ['in_set'],
};

/**
 * The id of an expectation of a suite that says something of this kind about the same columns, whatever
 * its values and thresholds; `undefined` where there is none. Columns that are not profiled, since they
 * are the same in all rows, count for nothing.
 */
export function coveredBy(
  suite: ExpectationSuite,
  suggested: Expectation,
  profiled: ReadonlySet<string>,
): string | undefined {
  const kinds = [suggested.kind, ...(saidBy[suggested.kind] ?? [])];
  const columns = columnsOf(suggested, profiled);
  return suite.expectations.find(
    (existing) => kinds.includes(existing.kind) && columnsOf(existing, profiled) === columns,
  )?.id;
}

/** Names of the columns that it is about, and of the measure; of a set in one order. */
function columnsOf(expectation: Expectation, profiled: ReadonlySet<string>): string {
  const { column, columns, other, measure } = expectation as {
    readonly column?: string;
    readonly columns?: readonly string[];
    readonly other?: unknown;
    readonly measure?: { readonly of: string; readonly column?: string };
  }; // whatever the kind
  const names =
    expectation.kind === 'compare'
      ? [column, String(other)]
      : expectation.kind === 'gaps' || columns === undefined
        ? [column]
        : columns;
  const known = names.filter((name) => name !== undefined && profiled.has(name));
  return JSON.stringify([known.sort(), measure?.of ?? null, measure?.column ?? null]);
}
