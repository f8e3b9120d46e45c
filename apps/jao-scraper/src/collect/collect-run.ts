import { catalogueVersion } from '@sluice/schemas/jao';
import { endPostgresRun, readPause, startPostgresRun } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { randomUUIDv7 } from 'node:crypto';
import type { Logger } from 'pino';

import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { createLog } from '../log.ts';
import type { LogOptions } from '../log.ts';
import type { SourceMetrics } from '../source/source-metrics.ts';
import { createSource } from '../source/source.ts';
import { userAgentOf } from '../source/user-agent.ts';
import { readDatasetIds } from '../store/catalogue.ts';
import { SeriesRegistry } from '../store/series-registry.ts';
import { appVersion } from '../version.ts';
import { adviseOn } from './advise.ts';
import { heartbeatTtlMs } from './claim-keeper.ts';
import { onDatabase } from './collect-context.ts';
import type { AttemptReport, CollectContext, RunContext } from './collect-context.ts';
import { auditsOf } from '../checks/audit-day.ts';
import { DatabaseOutage } from './database-outage.ts';
import { limitShutdown } from './limit-shutdown.ts';
import { RunSums } from './run-sums.ts';
import { RunTotals } from './run-totals.ts';
import { SourcePause } from './source-pause.ts';

/**
 * Connections besides those of the days that are collected at once: for claims, pace, heartbeat,
 * checks of what was stored, and events.
 */
const spareConnections = 5;
const maxTries = 5;
/** How a day is asked for again that this run has given up for now. */
const againBy = {
  backfill: 'run the same backfill again',
  watch: 'watch asks again when it is the turn of the day',
} as const;

/** What `work` of {@link runCollecting} has at hand. */
export interface CollectRun {
  readonly collect: CollectContext;
  readonly db: PostgresDatabase;
  readonly log: Logger;
  readonly runId: string;
  /** The number of a dataset of the catalogue in this database. */
  readonly datasetId: (name: string) => number;
  /** Compares what its attempts say with what is stored: whoever does not compare day by day asks for it. */
  readonly sums: RunSums;
}

/** How a run is made. */
export interface CollectRunOptions {
  readonly command: 'backfill' | 'watch';
  /** The one dataset that it is about, where it is one. */
  readonly dataset: string | undefined;
  readonly reservedTokens: number;
  readonly metrics: SourceMetrics;
  /** How it logs, besides its id. */
  readonly log: Omit<LogOptions, 'runId'>;
}

/** What a run has done. */
export interface CollectedRun<Result> {
  readonly result: Result;
  /** Which sums of the ledger are not what is stored, and what to do; undefined where all are. */
  readonly wrongSums: string | undefined;
}

/** How a run ended, and why it is no success. */
export interface CollectEnd<Result> {
  readonly result: Result;
  readonly error: string | undefined;
}

/**
 * Opens database and source, and does `work` as one run of the ledger, whose end is on record also
 * where it fails.
 *
 * @throws {PostgresError} where the database is or stays away; and what `work` throws.
 */
export async function runCollecting<Result>(
  context: CommandContext,
  options: CollectRunOptions,
  work: (run: CollectRun) => Promise<CollectEnd<Result>>,
): Promise<CollectedRun<Result>> {
  const endShutdownLimit = limitShutdown(context);
  try {
    return await openAndCollect(context, options, work);
  } finally {
    endShutdownLimit();
  }
}

async function openAndCollect<Result>(
  context: CommandContext,
  options: CollectRunOptions,
  work: (run: CollectRun) => Promise<CollectEnd<Result>>,
): Promise<CollectedRun<Result>> {
  const runId = randomUUIDv7();
  const log = await createLog(context, { runId, ...options.log });
  const poolSize = context.config.concurrency + spareConnections;
  return withMigratedDatabase(context, { role: 'worker', poolSize, tellsServer: true }, (db) =>
    collectOn({ context, options, db, log, runId }, work),
  );
}

/** A run whose database is open. */
interface OpenedRun extends Pick<CollectRun, 'db' | 'log' | 'runId'> {
  readonly context: CommandContext;
  readonly options: CollectRunOptions;
}

async function collectOn<Result>(
  { context, options, db, log, runId }: OpenedRun,
  work: (run: CollectRun) => Promise<CollectEnd<Result>>,
): Promise<CollectedRun<Result>> {
  const { config } = context;
  log.info({ database: db.label, isEmbedded: db.isEmbedded }, 'database');
  const source = createSource({
    origin: config.baseUrl,
    timeouts: {
      connectMs: config.connectTimeout,
      headersMs: config.headersTimeout,
      responseMs: config.responseTimeout,
    },
    maxDecodedBytes: config.maxResponseBytes,
    userAgent: userAgentOf(config.userAgentContact),
  });
  const onNotice: CollectContext['onNotice'] = (notice, details) => {
    log.warn(details, notice);
  };
  try {
    const run: RunContext = {
      db,
      runId,
      totals: new RunTotals(),
      databaseWaitMs: config.databaseWait,
      outage: new DatabaseOutage(onNotice),
      signal: context.signal,
      onNotice,
    };
    const sums = new RunSums(run);
    const collect: CollectContext = {
      ...run,
      // One that ends says at its end what is wrong; the other may go on for months.
      daySums: options.command === 'watch' ? sums : undefined,
      registry: new SeriesRegistry(),
      source,
      metrics: options.metrics,
      pause: new SourcePause({
        origin: source.origin,
        onNotice,
        onPause: options.metrics.setPausedUntil,
      }),
      auditOf: auditsOf({ settings: config.checks, runId, now: context.now }),
      requestsPerMinute: config.requestsPerMinute,
      reservedTokens: options.reservedTokens,
      maxTries,
      onAttempt: (report) => {
        logAttempt(log, report, againBy[options.command]);
      },
    };
    const pause = await onDatabase(collect, () => readPause(db, source.origin));
    if (pause !== undefined) {
      collect.pause.notePause(pause);
    }
    const datasetIds = await onDatabase(collect, () => readDatasetIds(db));
    const datasetId = (name: string): number => {
      const id = datasetIds.get(name);
      if (id === undefined) {
        throw new RangeError(
          `${name} is not in jao.dataset: the catalogue is written by the migration`,
        );
      }
      return id;
    };
    return await inLedger(collect, options, async () =>
      withSums(await work({ collect, db, log, runId, datasetId, sums }), sums),
    );
  } finally {
    source.close();
  }
}

/** Compares the totals of a run, and tells which sums were wrong, those of its attempts included. */
async function withSums<Result>(
  { result, error }: CollectEnd<Result>,
  sums: RunSums,
): Promise<CollectEnd<CollectedRun<Result>>> {
  await sums.compareTotals();
  const errors = [sums.problem, error].filter((problem) => problem !== undefined);
  return {
    result: { result, wrongSums: sums.problem },
    error: errors.length === 0 ? undefined : errors.join('; '),
  };
}

/** Does `work` as one run of the ledger, whose end and totals are on record also where it fails. */
export async function inLedger<Result>(
  collect: RunContext,
  options: { readonly command: string; readonly dataset: string | undefined },
  work: () => Promise<CollectEnd<Result>>,
): Promise<Result> {
  const { db, runId, totals } = collect;
  const abandoned = await onDatabase(collect, () =>
    startPostgresRun(db, {
      runId,
      app: 'jao-scraper',
      command: options.command,
      dataset: options.dataset,
      appVersion,
      contractVersion: String(catalogueVersion),
      heartbeatTtlMs,
    }),
  );
  for (const deadRunId of abandoned) {
    collect.onNotice('a run had died without saying so', { deadRunId });
  }
  try {
    const { result, error } = await work();
    const outcome = error === undefined ? 'succeeded' : 'failed';
    await onDatabase(collect, () =>
      endPostgresRun(db, { runId, outcome, totals: totals.value, error }),
    );
    return result;
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    await endPostgresRun(db, { runId, outcome: 'failed', totals: totals.value, error }).catch(
      (endError: unknown) => {
        collect.onNotice('the end of the run could not be put on record', {
          error: String(endError),
        });
      },
    );
    throw cause;
  }
}

function logAttempt(
  log: Logger,
  { message, isAskedAgain, ...report }: AttemptReport,
  again: string,
): void {
  if (message === undefined) {
    log.info(report, 'attempt');
  } else {
    const advice = isAskedAgain ? 'this run asks again' : (adviseOn(report) ?? again);
    log.warn({ ...report, error: message, advice }, 'attempt failed');
  }
}
