import type { DriftLevel, TableExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { nounFor } from '../noun-for.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan, Finding } from './check-plan.ts';

type SchemaCheck = Extract<TableExpectation, { kind: 'schema' }>;

interface Drift {
  readonly column: string;
  readonly is: 'missing' | 'another_type' | 'unknown_type' | 'additional' | 'moved';
  readonly level: DriftLevel;
  readonly type: string | null;
}

/** What the relation's columns have that is not declared, and the other way round. */
export function compileSchema(context: CheckContext, check: SchemaCheck): CheckPlan {
  return {
    scan: [],
    queries: [context.dialect.columnsOf(context.relation)],
    judge: (_, [rows = []]) => {
      const found = rows.map((row) => ({ name: row['name'] ?? '', type: row['type'] ?? '' }));
      if (found.length === 0) {
        const { schema, table } = context.relation;
        throw new QualityError('COLUMN', `there is no ${schema}.${table}`);
      }
      return judgeDrift(
        findDrift(context, check, found),
        Object.keys(context.shape.columns).length,
      );
    },
  };
}

function findDrift(
  { shape, dialect }: CheckContext,
  { missing = 'error', additional = 'warn', order = 'allowed' }: SchemaCheck,
  found: readonly { readonly name: string; readonly type: string }[],
): Drift[] {
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const drift: Drift[] = [];
  for (const [column, declared] of Object.entries(shape.columns)) {
    const type = types.get(column);
    if (type === undefined) {
      drift.push({ column, is: 'missing', level: missing, type: null });
    } else if (!dialect.typeNames[declared].test(type)) {
      const isKnown = Object.values(dialect.typeNames).some((pattern) => pattern.test(type));
      drift.push({
        column,
        is: isKnown ? 'another_type' : 'unknown_type',
        level: isKnown || missing === 'allowed' ? missing : 'warn',
        type,
      });
    }
  }
  for (const { name, type } of found) {
    if (shape.columns[name] === undefined) {
      drift.push({ column: name, is: 'additional', level: additional, type });
    }
  }
  const declaredOrder = Object.keys(shape.columns).filter((name) => types.has(name));
  const foundOrder = found.map(({ name }) => name).filter((name) => name in shape.columns);
  const moved = foundOrder.find((name, index) => name !== declaredOrder[index]);
  if (moved !== undefined) {
    drift.push({ column: moved, is: 'moved', level: order, type: types.get(moved) ?? null });
  }
  return drift.filter(({ level }) => level !== 'allowed');
}

function judgeDrift(drift: readonly Drift[], declaredCount: number): Finding {
  const hasError = drift.some(({ level }) => level === 'error');
  const names = drift.map(
    ({ column, is, type }) => `${column} ${is}${type === null ? '' : ` (${type})`}`,
  );
  const columns = nounFor(declaredCount, 'column');
  return {
    outcome: hasError ? 'failed' : drift.length > 0 ? 'warned' : 'passed',
    observed: drift.length === 0 ? `${declaredCount} ${columns} as declared` : names.join(', '),
    expected: `${declaredCount} declared ${columns}`,
    value: drift.length,
    tested: BigInt(declaredCount),
    failing: BigInt(drift.length),
    failingKeys: drift.map(({ column, is, type }) => ({ column, is, type })),
  };
}
