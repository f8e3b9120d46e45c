import { createCertificate } from '@sluice/jao-simulator';
import { findProgram, startPrometheus } from '@sluice/prometheus-runner';
import type { Prometheus } from '@sluice/prometheus-runner';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { startExporter } from '../cli/exporter-process.ts';
import { fillLedger } from '../full-ledger.ts';
import { addAppViews, createOpsDatabase } from '../metrics-database.ts';
import { sampleStatus } from '../sample-status.ts';
import { fillIn, readDashboards } from './read-dashboards.ts';

/** What no exporter tells, and why. */
const empty: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\$worker_job/, 'workers tell it: tools/end-to-end looks at these panels'],
  [/ALERTS\{/, 'no rule is loaded here, so that no alert fires'],
];

const panels = readDashboards().flatMap(({ file, queried }) =>
  queried.map((panel) => ({ name: `${file}: ${panel.title}`, panel })),
);
const needed = '(needs prometheus, which Debian has in a package of that name)';

test.skipIf(findProgram('prometheus') === undefined)(
  `a Prometheus that scrapes a full ledger has data for every panel ${needed}`,
  async () => {
    const prometheus = await scrapeFullLedger();
    await expect
      .poll(() => prometheus.query('min(count_over_time(up[1m])) >= 2 and min(up) == 1'))
      .toHaveLength(1);
    const wrong: string[] = [];
    for (const { name, panel } of panels) {
      const names = panel.type === 'table' ? undefined : new Set<string>();
      for (const { expr, legendFormat } of panel.targets) {
        const samples = await prometheus.query(fillIn(expr, { rateInterval: '1m', range: '1m' }));
        const isEmpty = empty.some(([pattern]) => pattern.test(expr));
        if (samples.length > 0 === isEmpty) {
          wrong.push(`${name}: ${String(samples.length)} samples of ${expr}`);
        }
        for (const { labels, value } of samples) {
          const seriesName = nameSeries(legendFormat, labels);
          if (!Number.isFinite(Number(value)) || names?.has(seriesName) === true) {
            wrong.push(`${name}: ${seriesName} ${value}`);
          }
          names?.add(seriesName);
        }
      }
    }
    expect(wrong).toEqual([]);
  },
);

/** As Grafana does. */
function nameSeries(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
}

async function scrapeFullLedger(): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-panels-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const status = join(folder, 'warehouse.db.status.json');
  await writeFile(status, JSON.stringify(sampleStatus));
  const { database, owner } = await createOpsDatabase();
  await addAppViews(owner);
  await fillLedger(owner);
  await owner.run(
    `insert into ops.stored_completeness_v1
     select dataset, 30, newest_day, cells, present, not_expected, withdrawn, unavailable, quarantined, not_due, late,
       not_collected, not_provided
     from ops.stored_completeness_v1 where days = 1`,
  );
  await owner.close();
  const { cert, key } = createCertificate('self-signed', Date.now());
  await writeFile(join(folder, 'tls.crt'), cert);
  await writeFile(join(folder, 'tls.key'), key);
  const web = join(folder, 'web.yml');
  await writeFile(
    web,
    JSON.stringify({ tls_server_config: { cert_file: 'tls.crt', key_file: 'tls.key' } }),
  );
  const exporter = startExporter([
    ...['--port', '0', '--votes-status', status, '--web.config.file', web],
    ...['--database-url', database.url('metrics'), '--job-interval', 'votes-ingest=24h'],
  ]);
  const [, host = ''] = await exporter.said(/metrics at https:\/\/(\S+)\/metrics/);
  const prometheus = await startPrometheus({
    folder,
    config: {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        {
          job_name: 'sluice-exporter',
          scheme: 'https',
          tls_config: { insecure_skip_verify: true },
          static_configs: [{ targets: [host] }],
        },
      ],
    },
  });
  onTestFinished(() => prometheus.stop());
  return prometheus;
}
