import type { ExpectedFailure } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { PostgresError } from '@sluice/warehouse/postgres';
import type { PostgresErrorCode } from '@sluice/warehouse/postgres';

/** What a failure of Postgres means to the command line: the name of an exit code, or a mistake of ours. */
const meanings: Readonly<Record<PostgresErrorCode, 'failed' | 'usage' | 'unavailable' | 'defect'>> =
  {
    UNREACHABLE: 'unavailable',
    CONNECTION_LOST: 'unavailable',
    COMMIT_UNKNOWN: 'unavailable',
    CONFLICT: 'failed',
    LOCK_TIMEOUT: 'unavailable',
    STATEMENT_TIMEOUT: 'failed',
    CANCELLED: 'failed',
    FENCED: 'failed',
    AUTHENTICATION: 'unavailable',
    TLS: 'unavailable',
    MISSING_DATABASE: 'unavailable',
    MISSING_SCHEMA: 'failed',
    DENIED: 'failed',
    READ_ONLY: 'unavailable',
    DISK_FULL: 'failed',
    OUT_OF_MEMORY: 'failed',
    CONSTRAINT: 'defect',
    SQL: 'defect',
    MIGRATION: 'failed',
    EMBEDDED: 'unavailable',
    CONFIGURATION: 'usage',
    INTERNAL: 'defect',
  };

const adviceOnRights =
  'connect as a user who may: database grant makes a login that reads, and database url --role names ' +
  'those who store (worker), and migrate and change all (owner)';

/** Knows the failures of Postgres that a user, or whoever runs it, can act on. */
export function classifyError(error: unknown): ExpectedFailure | undefined {
  if (!(error instanceof PostgresError)) {
    return undefined;
  }
  const meaning = meanings[error.code];
  if (meaning === 'defect') {
    return undefined;
  }
  const failure = { exitCode: exitCodes[meaning] };
  if (error.code !== 'DENIED') {
    return failure;
  }
  // Ours ends with the SQL that an administrator has to run.
  const isOfPostgres = error.message.includes('permission denied for');
  return { ...failure, hasLines: true, ...(isOfPostgres ? { advice: adviceOnRights } : {}) };
}
