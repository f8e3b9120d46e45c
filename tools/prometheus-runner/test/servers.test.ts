import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { findProgram, ServerError, startAlertmanager, startPrometheus } from '../src/index.ts';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prometheus-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test.skipIf(findProgram('prometheus') === undefined)(
  'Prometheus runs, answers, and is gone when it is stopped',
  async () => {
    const prometheus = await startPrometheus({ folder: await makeFolder(), config: {} });
    try {
      expect(await prometheus.query('vector(1)')).toEqual([{ labels: {}, value: '1' }]);
      expect(await prometheus.query('scalar(vector(2))')).toEqual([{ labels: {}, value: '2' }]);
      expect(await prometheus.query('absent_metric')).toEqual([]);
      expect(await prometheus.activeAlerts()).toEqual([]);
      expect(await prometheus.ruleErrors()).toEqual([]);
      await expect(prometheus.query('(')).rejects.toThrow('HTTP 400');
    } finally {
      await prometheus.stop();
    }
    await expect(prometheus.query('vector(1)')).rejects.toThrow();
  },
);

test.skipIf(findProgram('prometheus') === undefined)(
  'a configuration that is wrong is told of, with what Prometheus says',
  async () => {
    const starting = startPrometheus({ folder: await makeFolder(), config: { unknown: 1 } });
    await expect(starting).rejects.toThrow(ServerError);
    await expect(starting).rejects.toThrow('unknown');
  },
);

test.skipIf(findProgram('alertmanager') === undefined)(
  'Alertmanager runs alone, and answers',
  async () => {
    const folder = await makeFolder();
    const configFile = join(folder, 'alertmanager.yml');
    await writeFile(
      configFile,
      JSON.stringify({ route: { receiver: 'a' }, receivers: [{ name: 'a' }] }),
    );
    const alertmanager = await startAlertmanager({ folder, configFile });
    try {
      expect((await fetch(`${alertmanager.url}/-/ready`)).status).toBe(200);
    } finally {
      await alertmanager.stop();
    }
  },
);
