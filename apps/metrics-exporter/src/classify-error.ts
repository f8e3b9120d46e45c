import type { ExpectedFailure } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { PostgresError } from '@sluice/warehouse/postgres';

/** Knows the one failure of Postgres that ends the exporter: a URL that can not be used. */
export function classifyError(error: unknown): ExpectedFailure | undefined {
  return error instanceof PostgresError && error.code === 'CONFIGURATION'
    ? { exitCode: exitCodes.usage }
    : undefined;
}
