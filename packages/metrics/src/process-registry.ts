import { collectDefaultMetrics, Registry } from 'prom-client';

import type { MetricFamily, MetricKind, Sample } from './metric-family.ts';

/** The one file that knows where a process' own counts come from. */
export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Names that its own rules for names forbid, and summaries, which can not be added up. */
const unwanted = /^nodejs_active_(?:handles|requests|resources)_total$|_summary$/;

/** A registry of its own: prom-client's default one is shared by whatever a process loads. */
export function createRegistry(): Registry {
  return new Registry();
}

/** Adds what every process should tell of itself: memory, CPU, open files, event loop, collections. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}

/**
 * All metrics of a registry, as they are now. A registry's own text is not used: what is set to one
 * format writes wrong names in the other from then on.
 */
export async function readRegistry(registry: Registry): Promise<MetricFamily[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .filter(({ name }) => !unwanted.test(name))
    .map(({ name, help, type, values }) => ({
      name,
      help,
      kind: kindOf(String(type)),
      samples: values.map(({ labels, value, ...more }) => ({
        labels: textsOf(labels),
        value,
        ...partOf(name, 'metricName' in more ? String(more.metricName) : name),
      })),
    }));
}

function kindOf(type: string): MetricKind {
  if (type === 'counter' || type === 'gauge' || type === 'histogram') {
    return type;
  }
  throw new TypeError(`a ${type} has no place here`);
}

function textsOf(labels: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      value === Infinity ? '+Inf' : String(value),
    ]),
  );
}

function partOf(name: string, series: string): Pick<Sample, 'part'> {
  const part = series.slice(name.length + 1);
  return part === 'bucket' || part === 'sum' || part === 'count' ? { part } : {};
}
