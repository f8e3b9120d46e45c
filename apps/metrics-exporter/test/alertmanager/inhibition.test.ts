import { startAlertmanager } from '@sluice/prometheus-runner';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { alertingRules } from '../prometheus/rules.ts';
import { hasTool } from '../run-tool.ts';
import { readAlertmanagerConfig } from './alertmanager-files.ts';

type Labels = Readonly<Record<string, string>>;

const exporter = { job: 'sluice-exporter', instance: 'exporter:9464' };
const dataset = { ...exporter, dataset: 'core/maxExchanges' };
const otherDataset = { ...exporter, dataset: 'core/netPos' };
const votes = { ...exporter, dataset: 'votes', warehouse: 'w.db' };
const check = { ...votes, check: 'votes.date.gaps', scope: 'table' };

const alertsSchema = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({ state: z.string(), inhibitedBy: z.array(z.string()) }),
  }),
);

/** The alerts of Sluice with these labels, as Prometheus would send them. */
function alertOf([alertname, labels]: readonly [string, Labels]) {
  const rule = alertingRules.find(({ alert }) => alert === alertname);
  if (rule === undefined) {
    throw new RangeError(`no alert is called ${alertname}`);
  }
  return { labels: { alertname, ...rule.labels, ...labels }, annotations: {} };
}

/** What Alertmanager keeps to itself of what it is told at once, with the routes and inhibitions as shipped. */
async function findSilenced(
  alerts: readonly (readonly [string, Labels])[],
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-alertmanager-'));
  const config = readAlertmanagerConfig('alertmanager.yml');
  const configFile = join(folder, 'alertmanager.yml');
  // It is to tell nobody. JSON is YAML.
  const receivers = config.receivers.map(({ name }) => ({ name }));
  await writeFile(configFile, JSON.stringify({ ...config, global: {}, templates: [], receivers }));
  const server = await startAlertmanager({ folder, configFile });
  onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  const api = `${server.url}/api/v2/alerts`;
  const sent = await fetch(api, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(alerts.map(alertOf)),
  });
  expect(sent.status).toBe(200);
  const read = async () => alertsSchema.parse(await (await fetch(api)).json());
  await expect
    .poll(async () => (await read()).map(({ status }) => status.state))
    .toHaveLength(alerts.length);
  await expect
    .poll(async () => (await read()).map(({ status }) => status.state))
    .not.toContain('unprocessed');
  return (await read())
    .filter(({ status }) => status.inhibitedBy.length > 0)
    .map(({ labels }) => `${labels['alertname'] ?? ''} ${labels['dataset'] ?? ''}`.trim())
    .toSorted();
}

describe.skipIf(!hasTool('alertmanager'))('Alertmanager keeps to itself', () => {
  test('all that is read from an exporter that is down, and nothing of workers', async () => {
    expect(
      await findSilenced([
        ['SluiceExporterDown', exporter],
        ['SluiceFreshnessBurn1h', dataset],
        ['SluiceQuarantineOld', votes],
        ['SluiceCertificateExpiry', exporter],
        ['SluiceTwoLeaseHolders', { job: 'sluice-worker', shard: 'core/maxExchanges' }],
        ['SluiceWatchdog', {}],
      ]),
    ).toEqual([
      'SluiceCertificateExpiry',
      'SluiceFreshnessBurn1h core/maxExchanges',
      'SluiceQuarantineOld votes',
    ]);
  });

  test('the same where no exporter is there', async () => {
    expect(
      await findSilenced([
        ['SluiceExporterAbsent', { job: 'sluice-exporter' }],
        ['SluiceRevisionStorm', dataset],
      ]),
    ).toEqual(['SluiceRevisionStorm core/maxExchanges']);
  });

  test('what is told of a Postgres that does not answer, and not what status files tell', async () => {
    expect(
      await findSilenced([
        ['SluiceDatabaseDown', exporter],
        ['SluiceFreshnessBurn6h', dataset],
        ['SluiceCollectorFailing', { ...exporter, collector: 'jobs' }],
        ['SluiceCollectorFailing', { ...exporter, collector: 'votes_status w.db.status.json' }],
        ['SluiceRowsLost', votes],
        ['SluiceCertificateExpiry', exporter],
        ['SluiceFreshnessBurn1d', { ...dataset, instance: 'other:9464' }],
      ]),
    ).toEqual(['SluiceCollectorFailing', 'SluiceFreshnessBurn6h core/maxExchanges']);
  });

  test('a ticket where a page tells the same, and a note where a ticket does', async () => {
    expect(
      await findSilenced([
        ['SluiceFreshnessBurn1h', dataset],
        ['SluiceFreshnessBurn3d', dataset],
        ['SluiceFreshnessBurn1d', otherDataset],
        ['SluiceCheckFailed', check],
        ['SluiceCheckWarned', check],
        ['SluiceCheckWarned', { ...check, check: 'votes.rows', dataset: 'votes' }],
        ['SluiceJobOverdue', { ...exporter, job_name: 'votes-ingest', warehouse: 'w.db' }],
      ]),
    ).toEqual(['SluiceCheckWarned votes', 'SluiceFreshnessBurn3d core/maxExchanges']);
  });

  test('what follows from cells that were not collected, of that dataset', async () => {
    expect(
      await findSilenced([
        ['SluiceCellsNotCollected', dataset],
        ['SluiceFreshnessBurn1h', dataset],
        ['SluiceCompletenessBelowTarget', dataset],
        ['SluiceCompletenessBelowTarget', otherDataset],
        ['SluiceCellsNotProvided', dataset],
      ]),
    ).toEqual([
      'SluiceCompletenessBelowTarget core/maxExchanges',
      'SluiceFreshnessBurn1h core/maxExchanges',
    ]);
  });

  test('that a day is not complete which the source did not provide', async () => {
    expect(
      await findSilenced([
        ['SluiceCellsNotProvided', dataset],
        ['SluiceCompletenessBelowTarget', dataset],
        ['SluiceCompletenessBelowTarget', otherDataset],
      ]),
    ).toEqual(['SluiceCompletenessBelowTarget core/maxExchanges']);
  });

  test('what follows from a source that wants to be left alone, and nothing else', async () => {
    expect(
      await findSilenced([
        ['SluiceSourceMaintenance', { ...exporter, origin: 'https://source.example' }],
        ['SluiceFreshnessBurn1h', dataset],
        ['SluiceCellsNotCollected', dataset],
        ['SluiceFreshnessBurn6h', votes],
        ['SluiceRowsLost', dataset],
        ['SluiceSourceThrottled', exporter],
      ]),
    ).toEqual([
      'SluiceCellsNotCollected core/maxExchanges',
      'SluiceFreshnessBurn1h core/maxExchanges',
    ]);
  });

  test('that the source wants to be left alone, once it has for long', async () => {
    expect(
      await findSilenced([
        ['SluiceSourceMaintenance', { ...exporter, origin: 'https://source.example' }],
        ['SluiceSourceMaintenanceLong', { ...exporter, origin: 'https://source.example' }],
        ['SluiceFreshnessBurn1h', dataset],
      ]),
    ).toEqual(['SluiceFreshnessBurn1h core/maxExchanges', 'SluiceSourceMaintenance']);
  });
});
