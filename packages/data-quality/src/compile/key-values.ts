import type { ColumnType, RowKey } from '@sluice/schemas/expectations';

import { identifier, join, sql } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { TextRow } from './check-plan.ts';
import { readDouble } from './figure.ts';

type KeyValue = RowKey[string];

/** The columns of the key as texts: `k0`, `k1` and so on. */
export function selectKey(context: CheckContext): Sql {
  const columns = context.shape.key.map(
    (name, index) => sql`${context.plainColumn(name)}::text as ${identifier(`k${index}`)}`,
  );
  return join(columns, ', ');
}

/** In the order of the key, the same in both engines. */
export function orderByKey(context: CheckContext): Sql {
  const columns = context.shape.key.map((name) => sql`${context.column(name)} nulls last`);
  return sql` order by ${join(columns, ', ')}`;
}

/** A row of {@link selectKey}. */
export function readKey(context: CheckContext, row: TextRow): RowKey {
  return Object.fromEntries(
    context.shape.key.map((name, index) => [
      name,
      readValue(context.typeOf(name), row[`k${index}`] ?? null),
    ]),
  );
}

/** A value that an engine wrote as text; times as ISO 8601, integers as bigint where need be. */
export function readValue(type: ColumnType, text: string | null): KeyValue {
  if (text === null) {
    return null;
  }
  switch (type) {
    case 'integer': {
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : BigInt(text);
    }
    case 'double': {
      const number = readDouble(text);
      return Number.isFinite(number) ? number : String(number);
    }
    case 'boolean':
      return text === 'true';
    case 'timestamp':
      return text.replace(' ', 'T');
    case 'instant':
      return text.replace(' ', 'T').replace(/\+00$/, 'Z');
    case 'text':
    case 'date':
      return text;
  }
}

/** A key as JSON, integers of any size as they are. */
export function keyJson(key: RowKey): string {
  const members = Object.entries(key).map(([name, value]) => {
    const json = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
    return `${JSON.stringify(name)}:${json}`;
  });
  return `{${members.join(',')}}`;
}
