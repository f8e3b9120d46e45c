export { CopyBinaryEncoder } from './copy-binary-encoder.ts';
export { classifyPostgresError, PostgresError, postgresErrorFrom, redact } from './errors.ts';
export type { PostgresErrorCode } from './errors.ts';
export { openPostgres, postgresAt } from './open-postgres.ts';
export type {
  ConnectionOptions,
  OpenPostgresOptions,
  PostgresAtOptions,
  PostgresEvent,
} from './open-postgres.ts';
export { compareSchema, isCurrent, migratePostgres } from './migrate-postgres.ts';
export type {
  MigrateOptions,
  PostgresMigrations,
  PostgresSchemaState,
} from './migrate-postgres.ts';
export { PostgresDatabase, postgresRoles } from './postgres-database.ts';
export type { PostgresRole, ReadOptions, TransactionOptions } from './postgres-database.ts';
export { PostgresTransaction } from './postgres-transaction.ts';
export type { Queryable, TableReference } from './postgres-transaction.ts';
export {
  findMissingRoles,
  grantReader,
  isTemporaryReserved,
  missingRolesSql,
  roleNames,
  reserveTemporary,
} from './roles.ts';
export type { MissingRights, ReaderLogin } from './roles.ts';
export { withRetry } from './with-retry.ts';
export type { RetryOptions } from './with-retry.ts';
export { quoteIdentifier, quoteLiteral } from '../sql-text.ts';
export { closeAttempt, openAttempt } from './ops/attempts.ts';
export type { AttemptEnd, AttemptStart, CompressedPayload } from './ops/attempts.ts';
export {
  claimDays,
  holdClaim,
  readHeldDays,
  releaseClaim,
  releaseClaims,
  renewClaims,
} from './ops/claims.ts';
export type { Claim, DatasetDay, HeldDay, TakenClaim } from './ops/claims.ts';
export { bumpCounters } from './ops/counters.ts';
export type { CounterStep } from './ops/counters.ts';
export { recordDrift } from './ops/drift.ts';
export type { DriftItem } from './ops/drift.ts';
export { acquireLease, holdLease, releaseLease, renewLease } from './ops/leases.ts';
export type { Lease } from './ops/leases.ts';
export { opsPostgresMigrations } from './ops/ops-migrations.ts';
export { pauseOrigin, readOrigins, readPause, takeToken } from './ops/origins.ts';
export type { OriginPause, OriginState, Pace, PausingAttempt, TokenAnswer } from './ops/origins.ts';
export { compressPayload, hashPayload, readPayload, storePayload } from './ops/payloads.ts';
export {
  countDecidedIn,
  countDecisions,
  countsOfQuarantined,
  decideQuarantined,
  lockQuarantined,
  quarantineItems,
  recordDecision,
  storableRaw,
  storableText,
} from './ops/quarantine.ts';
export type { DecisionToRecord, QuarantinedItem, QuarantineSource } from './ops/quarantine.ts';
export { beatRun, endPostgresRun, postgresTotalNames, startPostgresRun } from './ops/runs.ts';
export type { PostgresRunEnd, PostgresRunStart, PostgresRunTotals } from './ops/runs.ts';
