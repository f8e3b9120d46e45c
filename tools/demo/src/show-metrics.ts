import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { environmentWith } from './config.ts';
import { announce, DemoError, launchers } from './run-step.ts';

/** The metrics of the page that are shown, in this order; of each the samples that are not 0. */
const figures = [
  'sluice_up',
  'sluice_dataset_newest_finished_day_timestamp_seconds',
  'sluice_dataset_next_due_timestamp_seconds',
  'sluice_dataset_completeness_ratio',
  'sluice_dataset_cells',
  'sluice_revisions_total',
  'sluice_job_runs_total',
  'sluice_warehouse_rows',
  'sluice_ingest_rows_total',
  'sluice_quarantine_rows',
];

/**
 * Starts the exporter on what the demo has stored, shows the figures that matter of its page, and stops it.
 *
 * @throws {DemoError} where it does not start, or does not answer.
 */
export async function showMetrics({
  root,
  databaseUrl,
  votesStatus,
  signal,
}: {
  readonly root: string;
  readonly databaseUrl: string;
  /** The status file of a warehouse of votes, relative to the workspace. */
  readonly votesStatus: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const args = ['--port', '0', '--votes-status', votesStatus];
  announce(
    'What ran, what is complete, what is due: for Prometheus, of both. Of its page the figures that matter:',
    `$ DATABASE_URL=$(npx jao-scraper database url --role metrics) npx metrics-exporter ${args.join(' ')}`,
  );
  signal.throwIfAborted();
  const child = spawn(process.execPath, [join(root, launchers['metrics-exporter']), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environmentWith({ DATABASE_URL: databaseUrl }),
  });
  const closed = once(child, 'close');
  try {
    const lines = createInterface({ input: child.stderr });
    const said = await Promise.race([
      once(lines, 'line', { signal }).then(([line]) => String(line)),
      closed.then(() => 'it ended'),
    ]);
    const [, url] = /metrics at (\S+)/.exec(said) ?? [];
    if (url === undefined) throw new DemoError(`the exporter does not start: ${said}`);
    const response = await fetch(url, { signal });
    if (!response.ok) throw new DemoError(`the exporter answers HTTP ${response.status}`);
    process.stdout.write(selectFigures(await response.text()));
  } finally {
    child.kill('SIGTERM');
    await closed;
  }
}

/** Of each metric what it means, and its samples. */
function selectFigures(page: string): string {
  const lines = page.split('\n');
  const shown = figures.flatMap((name) => {
    const samples = lines.filter((line) => /^\w+/.exec(line)?.[0] === name && !line.endsWith(' 0'));
    const help = lines.filter((line) => line.startsWith(`# HELP ${name} `));
    return samples.length === 0 ? [] : [...help, ...samples];
  });
  return `${shown.join('\n')}\n`;
}
