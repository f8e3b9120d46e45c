import type { Prometheus } from '@sluice/prometheus-runner';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { z } from 'zod';

const folder = new URL('../../../apps/metrics-exporter/grafana/dashboards/', import.meta.url);
const dashboard = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ expr: z.string() })).optional(),
    }),
  ),
});

/** Each panel of the dashboards that asks workers, or for alerts, has data. */
export async function expectPanelsOfWorkers(
  prometheus: Prometheus,
  patience: { readonly timeout: number; readonly interval: number },
): Promise<void> {
  const panels = ['overview.json', 'source.json'].flatMap(
    (file) => dashboard.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))).panels,
  );
  const exprs = panels.flatMap(({ title, targets = [] }) =>
    targets
      .filter(({ expr }) => /\$worker_job|ALERTS\{/.test(expr))
      .map(({ expr }) => ({ title, expr })),
  );
  expect(exprs.length).toBeGreaterThan(10);
  // Some tell of what has not happened since Prometheus began to look: it does before long.
  await expect.poll(() => findEmpty(prometheus, exprs), patience).toEqual([]);
}

async function findEmpty(
  prometheus: Prometheus,
  exprs: readonly { readonly title: string; readonly expr: string }[],
): Promise<string[]> {
  const found: string[] = [];
  for (const { title, expr } of exprs) {
    const filled = expr
      .replaceAll('$worker_job', 'sluice-worker')
      .replaceAll('$worker_instance', '.*')
      .replaceAll(/\$__(?:rate_interval|range)/g, '1m');
    if ((await prometheus.query(filled)).length === 0) {
      found.push(`${title}: ${expr}`);
    }
  }
  return found;
}
