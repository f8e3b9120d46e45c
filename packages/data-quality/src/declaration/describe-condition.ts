import type { AnyValue, Condition } from '@sluice/schemas/expectations';
import { quoteIdentifier } from '@sluice/warehouse/sql-text';

/** A condition in words that read like SQL, for people and as a label: `"FileId" = 12`. */
export function describeCondition(condition: Condition): string {
  if ('all' in condition) {
    return joinParts(condition.all, 'and', 'true');
  }
  if ('any' in condition) {
    return joinParts(condition.any, 'or', 'false');
  }
  if ('not' in condition) {
    return `not (${describeCondition(condition.not)})`;
  }
  const column = quoteIdentifier(condition.column);
  if ('is' in condition) {
    return `${column} is ${condition.is === 'null' ? 'null' : 'not null'}`;
  }
  return 'in' in condition
    ? `${column} in (${condition.in.map(describeValue).join(', ')})`
    : `${column} ${condition.compare} ${describeValue(condition.value)}`;
}

function joinParts(parts: readonly Condition[], word: string, empty: string): string {
  const [only] = parts;
  if (only === undefined) {
    return empty;
  }
  return parts.length === 1
    ? describeCondition(only)
    : parts.map((part) => `(${describeCondition(part)})`).join(` ${word} `);
}

function describeValue(value: AnyValue): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}
