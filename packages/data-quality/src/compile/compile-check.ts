import { findContradiction } from '@sluice/schemas/expectations';

import type { Check } from '../declaration/expand-expectation.ts';
import { QualityError } from '../errors.ts';
import { renderStatement, sql, verbatim } from '../sql/sql.ts';
import type { Sql, Statement } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan } from './check-plan.ts';
import { compileRow } from './compile-row.ts';
import { compileTable } from './compile-table.ts';
import { orderByKey, selectKey } from './key-values.ts';

/** Plans any check. @throws {QualityError} where it can not be evaluated. */
export function compileCheck(context: CheckContext, check: Check): CheckPlan {
  const contradiction = findContradiction(check);
  if (contradiction !== undefined) {
    throw new QualityError('DECLARATION', contradiction);
  }
  switch (check.kind) {
    case 'aggregate':
    case 'row_count':
    case 'set_equals':
    case 'set_contains':
    case 'reconcile':
    case 'same_rows':
    case 'freshness':
    case 'gaps':
    case 'schema':
    case 'categories':
    case 'spread':
    case 'anomaly':
      return compileTable(context, check);
    default:
      return compileRow(context, check);
  }
}

/** The keys of failing rows in their order, the first `limit` of them or all. */
export function failingKeysStatement(
  context: CheckContext,
  failingRows: Sql,
  limit?: number,
): Statement {
  const keys = sql`select ${selectKey(context)}${failingRows}${orderByKey(context)}`;
  return renderStatement(limit === undefined ? keys : limited(keys, limit));
}

/** The first rows of a statement. */
export function limited(statement: Sql, limit: number): Sql {
  return sql`${statement} limit ${verbatim(String(Math.trunc(limit)))}`;
}
