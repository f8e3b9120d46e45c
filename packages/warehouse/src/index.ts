export { ChunkAppender, chunkRows } from './chunk-appender.ts';
export type { ColumnBuffer, ColumnBufferType, TableName } from './chunk-appender.ts';
export { DuckDbWarehouse } from './duckdb-warehouse.ts';
export type { OpenOptions } from './duckdb-warehouse.ts';
export { classifyDuckDbMessage, WarehouseError, warehouseErrorFrom } from './errors.ts';
export type { WarehouseErrorCode } from './errors.ts';
export { compareMigrations, migrateDuckDb, opsMigrations } from './migrate-duckdb.ts';
export type { MigrationSource, SchemaState } from './migrate-duckdb.ts';
export type { PlainValue } from './plain-value.ts';
export { isOneSelect, readRows, streamRows } from './row-stream.ts';
export type { ResultColumn, RowList, RowStream } from './row-stream.ts';
export { endRun, readRuns, startRun, sumOfTotals } from './run-ledger.ts';
export type { StartedRun } from './run-ledger.ts';
export { quoteIdentifier, quoteLiteral } from './sql-text.ts';
export {
  describeLostTail,
  readStatusFile,
  statusFilePath,
  syncFolder,
  writeStatusFile,
} from './status-file.ts';
export type { FoundContents } from './status-file.ts';
