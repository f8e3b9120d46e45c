import { createRegistry, readRegistry, renderFamilies } from '@sluice/metrics';
import { expect, test } from 'vitest';

import { createWorkerMetrics } from '../../src/watch/worker-metrics.ts';
import type { WorkerMetrics } from '../../src/watch/worker-metrics.ts';

async function samplesAfter(work: (metrics: WorkerMetrics) => void): Promise<string[]> {
  const registry = createRegistry();
  const datasets = ['core/atc', 'core/ltn'];
  work(createWorkerMetrics(registry, { version: '1.2.3', revision: 'a1b2c3', datasets }));
  const text = renderFamilies(await readRegistry(registry), 'text');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('a standby that has done nothing yet has all there is to tell, at 0', async () => {
  const shards = ['core/atc', 'core/ltn'];
  const perShard = (name: string) => shards.map((shard) => `${name}{shard="${shard}"} 0`);
  const kinds = ['added', 'value', 'withdrawn'];
  expect((await samplesAfter(() => undefined)).toSorted()).toEqual(
    [
      'sluice_build_info{version="1.2.3",revision="a1b2c3"} 1',
      ...['info', 'warn', 'error'].map((level) => `sluice_log_messages_total{level="${level}"} 0`),
      ...shards.flatMap((dataset) =>
        kinds.map((kind) => `sluice_revisions_total{dataset="${dataset}",kind="${kind}"} 0`),
      ),
      ...perShard('sluice_worker_fenced_writes_total'),
      'sluice_worker_heartbeat_timestamp_seconds 0',
      ...perShard('sluice_worker_lease_held'),
      ...perShard('sluice_worker_lease_losses_total'),
    ].toSorted(),
  );
});

test('what is stored, refused, taken over and logged is counted by dataset, and by level', async () => {
  const samples = await samplesAfter((metrics) => {
    metrics.countCells('core/atc', { added: 3, revised: 2, withdrawn: 1 });
    metrics.setLease('core/atc', true);
    metrics.setLease('core/ltn', true);
    metrics.setLease('core/ltn', false);
    metrics.countLostLease('core/ltn');
    metrics.countFencedWrite('core/ltn');
    metrics.countLogMessage('warn');
    metrics.beat();
  });
  expect(
    samples.filter((sample) => !sample.endsWith(' 0') && !/heartbeat|build/.test(sample)),
  ).toEqual([
    'sluice_revisions_total{dataset="core/atc",kind="added"} 3',
    'sluice_revisions_total{dataset="core/atc",kind="value"} 2',
    'sluice_revisions_total{dataset="core/atc",kind="withdrawn"} 1',
    'sluice_log_messages_total{level="warn"} 1',
    'sluice_worker_lease_held{shard="core/atc"} 1',
    'sluice_worker_lease_losses_total{shard="core/ltn"} 1',
    'sluice_worker_fenced_writes_total{shard="core/ltn"} 1',
  ]);
});
