import { readFileSync } from 'node:fs';

import { metricCatalogue } from '../metric-catalogue.ts';

/** A metric that a panel may ask for. */
export interface KnownMetric {
  readonly name: string;
  readonly toldBy: 'exporter' | 'worker' | 'prometheus';
  readonly isCounter: boolean;
  readonly labels: readonly string[];
}

/** What Prometheus tells of each target, and of its rules; the labels of alerts are those of their rules. */
const prometheusMetrics: readonly KnownMetric[] = [
  { name: 'up', toldBy: 'prometheus', isCounter: false, labels: [] },
  {
    name: 'ALERTS',
    toldBy: 'prometheus',
    isCounter: false,
    labels: ['alertname', 'alertstate', 'severity', 'audience'],
  },
];

const workerReadme = readFileSync(
  new URL('../../../jao-scraper/README.md', import.meta.url),
  'utf8',
);

/** Every metric that there is; a name may have two tellers. */
export const knownMetrics: readonly KnownMetric[] = [
  ...metricCatalogue.map(({ name, kind, labelNames }) => ({
    name,
    toldBy: 'exporter' as const,
    isCounter: kind === 'counter',
    labels: labelNames,
  })),
  ...workerReadme.split('\n').flatMap(readWorkerRow),
  ...prometheusMetrics,
];

/** A row of the table of metrics in the worker's README: names, labels, meaning. */
function readWorkerRow(line: string): readonly KnownMetric[] {
  const [, names = '', labelText = '', meaning = ''] = line.split('|').map((cell) => cell.trim());
  const labels = [...labelText.matchAll(/[a-z_]+/g)].map(([label]) => label);
  return [...names.matchAll(/`(sluice_\w+)`/g)].flatMap(([, name = '']) =>
    meaning.startsWith('histogram')
      ? [
          ...[`${name}_sum`, `${name}_count`].map((part) => workerCounter(part, labels)),
          workerCounter(`${name}_bucket`, [...labels, 'le']),
        ]
      : [{ name, toldBy: 'worker' as const, isCounter: name.endsWith('_total'), labels }],
  );
}

function workerCounter(name: string, labels: readonly string[]): KnownMetric {
  return { name, toldBy: 'worker', isCounter: true, labels };
}
