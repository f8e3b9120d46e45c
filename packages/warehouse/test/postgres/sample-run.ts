import { randomUUID } from 'node:crypto';

import { openAttempt, startPostgresRun } from '../../src/postgres/index.ts';
import type {
  PostgresDatabase,
  PostgresRunStart,
  PostgresRunTotals,
} from '../../src/postgres/index.ts';

/** Of a run that has done nothing. */
export const noTotals: PostgresRunTotals = {
  read: 0,
  accepted: 0,
  duplicate: 0,
  conflicting: 0,
  quarantined: 0,
  refused: 0,
  unchanged: 0,
};

/** What a run says of itself. */
export const runStart: Omit<PostgresRunStart, 'runId' | 'heartbeatTtlMs'> = {
  app: 'jao-scraper',
  command: 'backfill',
  dataset: 'core/maxExchanges',
  appVersion: '1.2.3',
  contractVersion: '2026-01',
};

/** Starts a run, and gives its id. */
export async function startRun(db: PostgresDatabase): Promise<string> {
  const runId = randomUUID();
  await startPostgresRun(db, { ...runStart, runId, heartbeatTtlMs: 60_000 });
  return runId;
}

/** Opens an attempt of a run, which is another one for each length of its window. */
export async function openWindow(
  db: PostgresDatabase,
  runId: string,
  {
    lengthMs = 3_600_000,
    origin = 'http://127.0.0.1:8080',
  }: { readonly lengthMs?: number; readonly origin?: string } = {},
): Promise<number> {
  const windowStartMs = Date.UTC(2024, 2, 30, 23);
  return openAttempt(db, {
    runId,
    dataset: 'core/maxExchanges',
    businessDay: '2024-03-31',
    windowStartMs,
    windowEndMs: windowStartMs + lengthMs,
    origin,
    url: `${origin}/core/api/data/maxExchanges`,
    contractVersion: '2026-01',
  });
}
