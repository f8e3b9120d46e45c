import { streamRows, warehouseErrorFrom } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { TextRow } from '../compile/check-plan.ts';
import { dialects } from '../sql/dialect.ts';
import type { Statement } from '../sql/sql.ts';
import type { EngineSession, QualityEngine } from './engine.ts';

const textRowSchema = z.record(z.string(), z.string().nullable());

/**
 * Checks in DuckDB, on the warehouse's main connection.
 *
 * DuckDB has no savepoints: inside a transaction of the caller's, a check that fails while it runs (an
 * overflow in a declared expression, say) ends that transaction. What can be seen beforehand, such as a
 * missing column, does not.
 */
export function duckDbEngine(
  warehouse: DuckDbWarehouse,
  options: {
    /** The caller has a transaction open, which results are written in. @default false */
    readonly isInTransaction?: boolean;
    /** See {@link QualityEngine}. @default true */
    readonly sharesScan?: boolean;
  } = {},
): QualityEngine {
  const { isInTransaction = false, sharesScan = true } = options;
  const session: EngineSession = {
    rows: (statement) => readTextRows(warehouse, statement),
    run: ({ text, values }) => warehouse.run(text, values),
    async stream({ text, values }, onBatch) {
      const { columns, batches } = await streamRows(warehouse, text, values);
      for await (const batch of batches) {
        const rows = batch.map((row) =>
          Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])),
        );
        await onBatch(rows.map((row) => textRowSchema.parse(row)));
      }
    },
    isolated: (work) => work(),
  };
  return {
    // What a statement costs in itself counts in small batches, and in large ones it is the same.
    dialect: { ...dialects.duckdb, countsApart: !isInTransaction || !sharesScan },
    sharesScan,
    read: (work) => work(session),
    write: (work) => (isInTransaction ? work(session) : warehouse.transaction(() => work(session))),
  };
}

/** By columns: the keys of some ten thousand failing rows cost more than finding them otherwise. */
async function readTextRows(
  warehouse: DuckDbWarehouse,
  { text, values }: Statement,
): Promise<TextRow[]> {
  try {
    const reader = await warehouse.connection.runAndReadAll(text, [...values]);
    const names = reader.columnNames();
    const columns = reader.getColumns();
    return Array.from({ length: reader.currentRowCount }, (_, row) =>
      Object.fromEntries(names.map((name, index) => [name, textOrNull(columns[index]?.[row])])),
    );
  } catch (cause) {
    throw warehouseErrorFrom(cause, `${warehouse.path}: check`);
  }
}

function textOrNull(value: unknown): string | null {
  if (value == null || typeof value === 'string') {
    return value ?? null;
  }
  throw new TypeError(`a check's column is not text, but ${typeof value}`);
}
