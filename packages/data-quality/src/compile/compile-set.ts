import type { RowKey, TableExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { nounFor } from '../noun-for.ts';
import { join, sql, verbatim, where } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan, Finding, TextRow } from './check-plan.ts';
import { compileWhen } from './compile-condition.ts';
import { readValue } from './key-values.ts';

type SetCheck = Extract<TableExpectation, { kind: 'set_equals' | 'set_contains' }>;
type Value = RowKey[string];

/** What is listed value by value is meant to be few. */
const maxValues = 10_000;

/** Which values occur that should not, and which do not that should. */
export function compileSet(context: CheckContext, check: SetCheck): CheckPlan {
  const { column } = check;
  const type = context.typeOf(column);
  const read = (rows: readonly TextRow[] = []): ReadonlyMap<string, Value> => {
    const values = rows
      .map((row) => readValue(type, row['value'] ?? null))
      .filter((value) => value !== null);
    return new Map(values.map((value) => [String(value), value]));
  };
  return {
    scan: [],
    queries: [declaredValues(context, check), presentValues(context, check)],
    judge: (_, [declared, present]) => {
      if ((present?.length ?? 0) > maxValues) {
        throw new QualityError('VALUE', `${column} has more than ${maxValues} values`);
      }
      return judgeSets(check, read(declared), read(present));
    },
  };
}

/** Written by the engine, so that two ways to write an instant, or a number, are one value. */
function declaredValues(context: CheckContext, { column, values }: SetCheck) {
  const rows = values.map((value) => sql`select (${context.value(column, value)})::text as value`);
  return rows.length === 0 ? sql`select null::text as value` : join(rows, ' union all ');
}

function presentValues(context: CheckContext, { column, when }: SetCheck) {
  const tested = where(compileWhen(context, when), context.isNotNull(column));
  const limit = verbatim(String(maxValues + 1));
  return sql`select distinct ${context.column(column)}::text as value${context.from}${tested} limit ${limit}`;
}

function judgeSets(
  { column, kind, level = 'error' }: SetCheck,
  declared: ReadonlyMap<string, Value>,
  present: ReadonlyMap<string, Value>,
): Finding {
  const missing = without(declared, present);
  const additional = kind === 'set_equals' ? without(present, declared) : [];
  const failing = missing.length + additional.length;
  const levelOutcome = level === 'error' ? 'failed' : 'warned';
  return {
    outcome: failing === 0 ? 'passed' : levelOutcome,
    observed: `${present.size} ${nounFor(present.size, 'value')}: ${missing.length} missing, ${additional.length} additional`,
    expected: `${kind === 'set_equals' ? 'exactly' : 'at least'} the ${declared.size} declared values`,
    value: failing,
    tested: BigInt(present.size),
    failing: BigInt(failing),
    failingKeys: [
      ...missing.map((value) => ({ [column]: value, is: 'missing' })),
      ...additional.map((value) => ({ [column]: value, is: 'additional' })),
    ],
  };
}

function without(values: ReadonlyMap<string, Value>, others: ReadonlyMap<string, Value>): Value[] {
  return [...values]
    .filter(([text]) => !others.has(text))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
}
