export { CopyBinaryEncoder } from './copy-binary-encoder.ts';
export { classifyPostgresError, PostgresError, postgresErrorFrom, redact } from './errors.ts';
export type { PostgresErrorCode } from './errors.ts';
export { openPostgres } from './open-postgres.ts';
export type { OpenPostgresOptions, PostgresEvent } from './open-postgres.ts';
export { compareSchema, isCurrent, migratePostgres } from './migrate-postgres.ts';
export type {
  MigrateOptions,
  PostgresMigrations,
  PostgresSchemaState,
} from './migrate-postgres.ts';
export { PostgresDatabase, postgresRoles } from './postgres-database.ts';
export type { PostgresRole, TransactionOptions } from './postgres-database.ts';
export { PostgresTransaction } from './postgres-transaction.ts';
export type { Queryable, TableReference } from './postgres-transaction.ts';
export { findMissingRoles, grantReader, missingRolesSql, roleNames } from './roles.ts';
export type { ReaderLogin } from './roles.ts';
export { withRetry } from './with-retry.ts';
export type { RetryOptions } from './with-retry.ts';
export { quoteIdentifier, quoteLiteral } from '../sql-text.ts';
