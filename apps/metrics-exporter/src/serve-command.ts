import { CommandError, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { once } from 'node:events';

import { createOwnProcess } from './collectors/process-metrics.ts';
import { votesStatusCollector } from './collectors/votes-status.ts';
import type { CommandContext } from './command-context.ts';
import { Scraper } from './gather/scraper.ts';
import { startExporterServer } from './server/exporter-server.ts';
import type { ExporterServer } from './server/exporter-server.ts';
import { openWebConfig, readWebConfig } from './web-config/web-config.ts';
import type { WebConfig } from './web-config/web-config.ts';

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
  if (options['config.check'] === true) {
    say(context, 'the configuration is right');
    return exitCodes.done;
  }
  if (config.votesStatus.length === 0 && config.databaseUrl === undefined) {
    throw new CommandError(
      'nothing to tell of: name a status file with --votes-status, or a Postgres with DATABASE_URL',
      { exitCode: exitCodes.usage },
    );
  }
  const own = createOwnProcess();
  own.noteReload(true);
  const scraper = new Scraper([own.collector, ...config.votesStatus.map(votesStatusCollector)], {
    onFailure: tellOnce(context),
  });
  const server = await startExporterServer(config, scraper, web);
  say(context, `metrics at ${server.url}/metrics`);
  const stopReloading = reloadOnHangup(context, server, own.noteReload);
  try {
    if (!context.signal.aborted) {
      await once(context.signal, 'abort');
    }
    return exitCodes.done;
  } finally {
    stopReloading();
    await server.close();
  }
}

async function readWeb(path: string | undefined): Promise<WebConfig> {
  return path === undefined ? openWebConfig : readWebConfig(path);
}

/** Each failure once, until another one comes: what is scraped every few seconds fails as often. */
function tellOnce(context: CommandContext): (collector: string, error: string) => void {
  const told = new Map<string, string>();
  return (collector, error) => {
    if (told.get(collector) !== error) {
      told.set(collector, error);
      say(context, `collector ${collector}: ${error}`);
    }
  };
}

function reloadOnHangup(
  context: CommandContext,
  server: ExporterServer,
  noteReload: (isSuccessful: boolean) => void,
): () => void {
  const reload = (): void => {
    void readWeb(context.config.webConfigFile).then(
      (web) => {
        server.configure(web);
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
