import { cellStates } from '@sluice/schemas/jao';
import type { DatasetContract, DayTable } from '@sluice/schemas/jao';

const ownFields = ['id', 'dateTimeUtc', 'lastModifiedOn'];

/**
 * Reads a payload by `JSON.parse`, and gives where a table of it says otherwise. What the table has in
 * quarantine is not compared, as JSON.parse makes something of it.
 */
export function comparePlainly(
  contract: DatasetContract,
  bytes: Uint8Array,
  table: DayTable,
): readonly string[] {
  const fields = new Set([...ownFields, ...contract.otherFields]);
  const rowIndexes = new Map(table.rows.map((row, index) => [row.deliveryStartMs, index]));
  const columns = new Map(table.keys.map((key, column) => [key, column]));
  const seen = new Uint8Array(table.states.length);
  const differences: string[] = [];
  for (const members of rowsOf(bytes)) {
    const rowIndex = rowIndexes.get(startOf(members));
    if (rowIndex === undefined || table.rows[rowIndex]?.isQuarantined === true) {
      continue;
    }
    for (const [key, value] of Object.entries(members)) {
      const column = columns.get(key);
      if (fields.has(key) || column === undefined) {
        continue;
      }
      const at = rowIndex * table.keys.length + column;
      seen[at] = 1;
      if (!isSame(value, table.states[at], table.values[at])) {
        differences.push(`${key} in row ${rowIndex} is ${JSON.stringify(value)}`);
      }
    }
  }
  const cells = countPlainly(bytes, fields);
  // It takes the last of members of one name for all of them.
  const isComparable = table.quarantined.every(({ reason }) => reason !== 'duplicate_key');
  if (isComparable && cells !== table.counts.read) {
    differences.push(`${table.counts.read} cells were read of ${cells}`);
  }
  for (const [at, state] of table.states.entries()) {
    if ((state === cellStates.value || state === cellStates.null) && seen[at] === 0) {
      differences.push(`${String(table.keys[at % table.keys.length])} is in no row that has it`);
    }
  }
  return differences;
}

function isSame(value: unknown, state: number | undefined, read: number | undefined): boolean {
  return (
    state === cellStates.quarantined ||
    (value === null && state === cellStates.null) ||
    (typeof value === 'number' && state === cellStates.value && value === read)
  );
}

function rowsOf(bytes: Uint8Array): readonly Record<string, unknown>[] {
  return elementsOf(bytes).filter(isRecord);
}

/** Members of rows that are no fields; what is no row counts as one. */
function countPlainly(bytes: Uint8Array, fields: ReadonlySet<string>): number {
  return elementsOf(bytes).reduce<number>(
    (sum, element) =>
      sum + (isRecord(element) ? Object.keys(element).filter((key) => !fields.has(key)).length : 1),
    0,
  );
}

function elementsOf(bytes: Uint8Array): readonly unknown[] {
  const answer: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return isRecord(answer) && Array.isArray(answer['data']) ? answer['data'] : [];
}

function startOf({ dateTimeUtc }: Record<string, unknown>): number {
  return typeof dateTimeUtc === 'string'
    ? Date.parse(/[zZ]$|[+-]\d\d:\d\d$/.test(dateTimeUtc) ? dateTimeUtc : `${dateTimeUtc}Z`)
    : Number.NaN;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
