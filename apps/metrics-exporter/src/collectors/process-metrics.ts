import { addProcessMetrics, createRegistry, Gauge, readRegistry } from '@sluice/metrics';

import type { Collector } from '../gather/collector.ts';
import { appVersion } from '../version.ts';

/** What the exporter tells of its own process. */
export interface OwnProcess {
  readonly collector: Collector;
  /** Tells that the settings that can be read again were, or could not be. */
  readonly noteReload: (isSuccessful: boolean) => void;
}

/** Memory, CPU, open files and event loop of this process, its version, and its last reload. */
export function createOwnProcess(): OwnProcess {
  const registry = createRegistry();
  const registers = [registry];
  addProcessMetrics(registry);
  new Gauge({
    name: 'sluice_build_info',
    help: 'What runs here; always 1.',
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version: appVersion, node_version: process.version }, 1);
  const reloaded = new Gauge({
    name: 'sluice_config_last_reload_successful',
    help: 'Whether the settings could be used when they were last read.',
    registers,
  });
  const reloadedAt = new Gauge({
    name: 'sluice_config_last_reload_success_timestamp_seconds',
    help: 'When the settings in use were read.',
    registers,
  });
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
