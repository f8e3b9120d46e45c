import { DuckDBTypeId, StatementType } from '@duckdb/node-api';
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { z } from 'zod';

import type { DuckDbWarehouse } from './duckdb-warehouse.ts';
import { WarehouseError, warehouseErrorFrom } from './errors.ts';
import { toPlainValue } from './plain-value.ts';
import type { PlainValue } from './plain-value.ts';

/** A column of a result. */
export interface ResultColumn {
  /** Unique within the result. */
  readonly name: string;
  readonly isNumeric: boolean;
}

/** All rows of a query. */
export interface RowList {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly PlainValue[])[];
}

/** The rows of a query, a batch at a time. */
export interface RowStream {
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  /** To be read once, before anything else is asked of the warehouse. */
  readonly batches: AsyncIterable<readonly (readonly PlainValue[])[]>;
}

const numericTypes: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.BIGNUM,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);

/**
 * Whether a text is one statement that asks, and not more: `select`, `from`, `with`, `values`,
 * `describe`, `summarize`, `show`, without parameters. Nothing of it is run.
 *
 * @throws {WarehouseError} `SQL` where it can not be read, or names what is not there.
 */
export async function isOneSelect(warehouse: DuckDbWarehouse, sql: string): Promise<boolean> {
  try {
    const statements = await warehouse.connection.extractStatements(sql);
    if (statements.count !== 1) {
      return false;
    }
    const statement = await statements.prepare(0);
    const { statementType, parameterCount } = statement;
    statement.destroySync();
    return statementType === StatementType.SELECT && parameterCount === 0;
  } catch (cause) {
    const error = warehouseErrorFrom(cause, `${warehouse.path}: read statement`);
    if (error.code === 'INTERNAL') {
      // What holds no statement at all, but a comment, is an error without a message of DuckDB.
      return false;
    }
    throw error;
  }
}

/**
 * All rows of a query, which are to be few, as they are held in memory.
 *
 * @throws {WarehouseError} of what DuckDB reports.
 */
export async function readRows(warehouse: DuckDbWarehouse, sql: string): Promise<RowList> {
  try {
    const result = await warehouse.connection.run(sql);
    const rows = await result.getRows();
    return { columns: columnsOf(result), rows: rows.map((row) => row.map(toPlainValue)) };
  } catch (cause) {
    throw warehouseErrorFrom(cause, `${warehouse.path}: read rows`);
  }
}

/**
 * Streams a query in bounded memory. The rows are counted beforehand, so `sql` must give the same
 * rows twice: a stream that fails half way ends just like one that is exhausted
 * (duckdb/duckdb-rs#832), and only the count tells.
 *
 * @throws {WarehouseError} of what DuckDB reports; from `batches` also `INTERNAL` where rows are
 * missing at the end.
 */
export async function streamRows(
  warehouse: DuckDbWarehouse,
  sql: string,
  values: readonly DuckDBValue[] = [],
): Promise<RowStream> {
  const { rowCount } = await warehouse.row(
    z.object({ rowCount: z.int() }),
    `select count(*) as rowCount from (${sql})`,
    values,
  );
  const doing = `${warehouse.path}: stream rows`;
  try {
    const result = await warehouse.connection.stream(sql, [...values]);
    return { columns: columnsOf(result), rowCount, batches: readBatches(result, rowCount, doing) };
  } catch (cause) {
    throw warehouseErrorFrom(cause, doing);
  }
}

function columnsOf(result: DuckDBResult): ResultColumn[] {
  return result.deduplicatedColumnNames().map((name, index) => ({
    name,
    isNumeric: numericTypes.has(result.columnTypeId(index)),
  }));
}

async function* readBatches(
  result: DuckDBResult,
  rowCount: number,
  doing: string,
): AsyncGenerator<PlainValue[][]> {
  let readCount = 0;
  try {
    for await (const rows of result.yieldRows()) {
      readCount += rows.length;
      yield rows.map((row) => row.map(toPlainValue));
    }
  } catch (cause) {
    throw warehouseErrorFrom(cause, doing);
  }
  if (readCount !== rowCount) {
    throw new WarehouseError('INTERNAL', `${doing}: broke off after ${readCount} of ${rowCount}`);
  }
}
