import { CommandError, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { postgresAt } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { once } from 'node:events';

import { certificateCollector } from './collectors/certificate.ts';
import { databaseCollectors } from './collectors/database-collectors.ts';
import { jobIntervalCollector } from './collectors/job-intervals.ts';
import { createOwnProcess } from './collectors/process-metrics.ts';
import { votesStatusCollector } from './collectors/votes-status.ts';
import type { CommandContext } from './command-context.ts';
import { Scraper } from './gather/scraper.ts';
import { startExporterServer } from './server/exporter-server.ts';
import { openWebConfig, readWebConfig } from './web-config/web-config.ts';
import type { WebConfig } from './web-config/web-config.ts';

/** Whoever scrapes is not to use up what others need. */
export const maxConnections = 3;
/**
 * Connections that never come keep the others from trying: so long after a silent database is back, at most,
 * a scrape has it again.
 */
export const connectTimeoutMs = 3_000;
/** A query is cancelled at its scrape's deadline; this ends one that could not be told so. */
const statementTimeoutMs = 30_000;

/** The options of `metrics-exporter` that are no settings. */
export interface ServeOptions {
  readonly 'config.check'?: boolean;
}

/** `metrics-exporter`: answers scrapes until it is stopped. */
export async function serveCommand(
  context: CommandContext,
  options: ServeOptions,
): Promise<ExitCode> {
  const { config } = context;
  const web = await readWeb(config.webConfigFile);
  const db = databaseOf(config.databaseUrl);
  if (config.votesStatus.length === 0 && db === undefined) {
    throw new CommandError(
      'nothing to tell of: name a status file with --votes-status, or a Postgres with DATABASE_URL',
      { exitCode: exitCodes.usage },
    );
  }
  if (options['config.check'] === true) {
    say(context, 'the configuration is right');
    return exitCodes.done;
  }
  try {
    await serve(context, web, db);
    return exitCodes.done;
  } finally {
    await db?.close();
  }
}

/** Answers scrapes until the context's signal is aborted. */
async function serve(
  context: CommandContext,
  first: WebConfig,
  db: PostgresDatabase | undefined,
): Promise<void> {
  const { config } = context;
  let web = first;
  const own = createOwnProcess(config.revision);
  own.noteReload(true);
  const collectors = [
    own.collector,
    certificateCollector(() => web),
    jobIntervalCollector(config.jobIntervals),
    ...config.votesStatus.map(votesStatusCollector),
    ...(db === undefined ? [] : databaseCollectors(db, config)),
  ];
  const tell = tellOnce(context);
  const scraper = new Scraper(collectors, {
    onFailure: (collector, error) => {
      tell(`collector ${collector}`, error);
    },
  });
  const server = await startExporterServer({ ...config, onFailure: tell }, scraper, web);
  say(context, `metrics at ${server.url}/metrics`);
  const stopReloading = reloadOnHangup(context, {
    onRead: (next) => {
      server.configure(next);
      web = next;
    },
    noteReload: own.noteReload,
  });
  try {
    if (!context.signal.aborted) {
      await once(context.signal, 'abort');
    }
  } finally {
    stopReloading();
    await server.close();
  }
}

/**
 * The Postgres of a URL, which need not answer now or ever: each scrape finds out.
 *
 * @throws {PostgresError} `CONFIGURATION` where the URL can not be used.
 */
function databaseOf(url: string | undefined): PostgresDatabase | undefined {
  return url === undefined
    ? undefined
    : postgresAt({
        url,
        role: 'metrics',
        applicationName: 'sluice-metrics-exporter',
        poolSize: maxConnections,
        connectTimeoutMs,
        statementTimeoutMs,
      });
}

async function readWeb(path: string | undefined): Promise<WebConfig> {
  return path === undefined ? openWebConfig : readWebConfig(path);
}

/** Each failure once, until another one comes: what is scraped every few seconds fails as often. */
function tellOnce(context: CommandContext): (what: string, error: string) => void {
  const told = new Map<string, string>();
  return (what, error) => {
    if (told.get(what) !== error) {
      told.set(what, error);
      say(context, `${what}: ${error}`);
    }
  };
}

function reloadOnHangup(
  context: CommandContext,
  {
    onRead,
    noteReload,
  }: {
    readonly onRead: (web: WebConfig) => void;
    readonly noteReload: (isSuccessful: boolean) => void;
  },
): () => void {
  const reload = (): void => {
    void readWeb(context.config.webConfigFile)
      .then(onRead)
      .then(
        () => {
          noteReload(true);
          say(context, 'the web configuration was read again');
        },
        (error: unknown) => {
          noteReload(false);
          say(
            context,
            `${error instanceof Error ? error.message : String(error)}; the old one stays`,
          );
        },
      );
  };
  process.on('SIGHUP', reload);
  return () => {
    process.off('SIGHUP', reload);
  };
}
