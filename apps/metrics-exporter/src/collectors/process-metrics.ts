import { addProcessMetrics, createRegistry, Gauge, readRegistry } from '@sluice/metrics';

import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { appVersion } from '../version.ts';

/** What the exporter tells of itself, besides what every process does. */
export const processMetrics = {
  build: {
    name: 'sluice_build_info',
    help: 'What runs here; always 1.',
    kind: 'gauge',
    labelNames: ['version', 'revision', 'node_version'],
  },
  reloaded: {
    name: 'sluice_config_last_reload_successful',
    help: 'Whether the settings could be used when they were last read.',
    kind: 'gauge',
    labelNames: [],
  },
  reloadedAt: {
    name: 'sluice_config_last_reload_success_timestamp_seconds',
    help: 'When the settings in use were read.',
    kind: 'gauge',
    labelNames: [],
  },
} as const satisfies DeclaredMetrics;

/** What the exporter tells of its own process. */
export interface OwnProcess {
  readonly collector: Collector;
  /** Tells that the settings that can be read again were, or could not be. */
  readonly noteReload: (isSuccessful: boolean) => void;
}

/**
 * Memory, CPU, open files and event loop of this process, its version, and its last reload; `revision` is
 * the commit that it was built from.
 */
export function createOwnProcess(revision: string): OwnProcess {
  const registry = createRegistry();
  addProcessMetrics(registry);
  const gaugeOf = ({
    name,
    help,
    labelNames,
  }: (typeof processMetrics)[keyof typeof processMetrics]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  gaugeOf(processMetrics.build).set(
    { version: appVersion, revision, node_version: process.version },
    1,
  );
  const reloaded = gaugeOf(processMetrics.reloaded);
  const reloadedAt = gaugeOf(processMetrics.reloadedAt);
  return {
    collector: { name: 'process', collect: () => readRegistry(registry) },
    noteReload: (isSuccessful) => {
      reloaded.set(isSuccessful ? 1 : 0);
      if (isSuccessful) {
        reloadedAt.setToCurrentTime();
      }
    },
  };
}
