import { startJaoSimulator } from '@sluice/jao-simulator';
import type { JaoSimulator } from '@sluice/jao-simulator';
import { startAlertmanager, startPrometheus } from '@sluice/prometheus-runner';
import type { Prometheus } from '@sluice/prometheus-runner';
import { addDays, findDataset, lastPublishedDay } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import { createTestDatabase } from '@sluice/warehouse/postgres-testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

import { runApp, startApp } from './app-process.ts';
import type { AppOptions } from './app-process.ts';
import { deriveAlertmanager, deriveMonitoring } from './monitoring-config.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';
import type { ReceivedMessage } from './webhook-receiver.ts';

/** A fifth of the cells of core/maxExchanges. */
export const dataset = 'core/maxNetPos';
const preload = new URL('due-now-preload.ts', import.meta.url).href;
const minuteMs = 60_000;
const saidAtTheEnd = 4_000;
/** A month, as a watcher collects it by itself. */
const daysBefore = 31;
/** In canonical form, of a week in which nothing is unusual. */
const votes = Array.from({ length: 50 }, (_, index) =>
  JSON.stringify({
    Id: index + 1,
    PostId: 1,
    VoteTypeId: 2,
    CreationDate: `2026-01-0${String(5 + (index % 5))}T00:00:00.000`,
  }),
).join('\n');

/** Everything that runs in production, on loopback. */
export interface MonitoredStack {
  readonly simulator: JaoSimulator;
  readonly prometheus: Prometheus;
  /** The business day that has come due a moment ago, and does not come. */
  readonly newest: BusinessDay;
  /** What people have got. */
  readonly messages: readonly ReceivedMessage[];
  /** Where each process tells its metrics, by the job that scrapes it. */
  readonly metricsUrls: Readonly<Record<'sluice-exporter' | 'sluice-worker', string>>;
}

/**
 * Starts everything and runs `work` on it; whatever that does, everything is stopped after it, in the
 * order in which one needs the other. The source fails from the beginning.
 */
export async function withMonitoredStack(
  work: (stack: MonitoredStack) => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-end-to-end-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const simulator = await startJaoSimulator({ jitterMinutes: 0 });
  stack.defer(() => simulator.close());
  const database = await createTestDatabase(inject('server'));
  const due = planDueTime(Date.now());
  for (const ahead of [0, 1, 2]) {
    simulator.postpone(dataset, addDays(due.newest, ahead), null);
  }
  const jaoAs = (role: 'owner' | 'worker'): AppOptions => ({
    cwd: folder,
    env: {
      DATABASE_URL: database.url(role),
      JAO_BASE_URL: simulator.url,
      JAO_REQUESTS_PER_MINUTE: '0',
      JAO_LISTEN: '127.0.0.1:0',
      NODE_OPTIONS: `--import=${preload}`,
      SLUICE_TEST_DUE_TIME: due.localTime,
    },
  });
  await runApp('jao-scraper', ['database', 'migrate'], jaoAs('owner'));
  const period = ['--from', addDays(due.newest, -daysBefore), '--to', addDays(due.newest, -1)];
  await runApp('jao-scraper', ['backfill', '--dataset', dataset, ...period], jaoAs('worker'));
  simulator.inject({ kind: 'close_before_headers', times: Infinity });
  await writeFile(join(folder, 'votes.jsonl'), `${votes}\n`);
  await runApp('votes-ingest', ['ingest', 'votes.jsonl'], { cwd: folder, env: {} });

  const watcher = startApp(
    'jao-scraper',
    ['watch', '--dataset', dataset, '--poll-every', '1s'],
    jaoAs('worker'),
  );
  stack.defer(() => watcher.stop());
  const [, worker = ''] = await watcher.said(/"url":"http:\/\/([\d.:]+)"/);
  const teller = startApp(
    'metrics-exporter',
    ['--port', '0', '--votes-status', 'warehouse.db.status.json'],
    { cwd: folder, env: { DATABASE_URL: database.url('metrics') } },
  );
  stack.defer(() => teller.stop());
  const [, exporter = ''] = await teller.said(/metrics at http:\/\/([\d.:]+)\/metrics/);

  const receiver = await startWebhookReceiver();
  stack.defer(() => receiver.close());
  const configFile = await deriveAlertmanager(folder, receiver.url);
  const alertmanager = await startAlertmanager({ folder, configFile });
  stack.defer(() => alertmanager.stop());
  const config = await deriveMonitoring(folder, {
    targets: { 'sluice-exporter': exporter, 'sluice-worker': worker },
    alertmanager: alertmanager.url.replace('http://', ''),
  });
  const prometheus = await startPrometheus({ folder, config });
  stack.defer(() => prometheus.stop());
  try {
    await work({
      simulator,
      prometheus,
      newest: due.newest,
      messages: receiver.messages,
      metricsUrls: {
        'sluice-exporter': `http://${exporter}/metrics`,
        'sluice-worker': `http://${worker}/metrics`,
      },
    });
  } catch (cause) {
    const now = {
      cells: await prometheus.query(`sluice_dataset_cells{dataset="${dataset}", window="1d"} > 0`),
      alerts: (await prometheus.activeAlerts()).map(({ labels, state }) => ({ ...labels, state })),
      ruleErrors: await prometheus.ruleErrors(),
      messages: receiver.messages.map(({ path, body }) => ({ path, body })),
      watcher: watcher.log().slice(-saidAtTheEnd),
    };
    throw new Error(JSON.stringify(now, undefined, 1), { cause });
  }
}

/** Days are due at the time of day at which this minute began: the newest of them has been since then. */
function planDueTime(nowMs: number): { readonly localTime: string; readonly newest: BusinessDay } {
  const contract = findDataset(dataset);
  if (contract === undefined) {
    throw new RangeError(`${dataset}: not in the catalogue`);
  }
  const dueMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const localTime = new Intl.DateTimeFormat('en-GB', {
    timeZone: contract.zone,
    hour: '2-digit',
    minute: '2-digit',
  }).format(dueMs);
  const publication = { ...contract.publication, dueLocalTime: localTime };
  return { localTime, newest: lastPublishedDay({ ...contract, publication }, dueMs) };
}
