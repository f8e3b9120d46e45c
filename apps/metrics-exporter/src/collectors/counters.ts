import type { Labels, MetricFamily } from '@sluice/metrics';
import { quarantineVerdicts } from '@sluice/schemas';
import { cellEntryReasons, deliveryFailures, jaoEventTypes } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetric, DeclaredMetrics, PossibleSample } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { ledgerMetrics } from './ledger-metrics.ts';
import { viewCollector } from './view-collector.ts';

/** What is counted in the transactions of what it counts. */
export const counterMetrics = {
  attempts: {
    name: 'sluice_source_attempts_total',
    help: 'Requests for the dataset that have ended, by what became of them. One that was taken for dead (abandoned), and was not, counts twice.',
    kind: 'counter',
    labelNames: ['dataset', 'outcome'],
  },
  revisions: {
    name: 'sluice_revisions_total',
    help: 'Cells by what was stored of them: added is the first value, value another one, withdrawn none any more.',
    kind: 'counter',
    labelNames: ['dataset', 'kind'],
  },
  quarantined: {
    name: 'sluice_quarantined_total',
    help: 'Entries that were put into quarantine, by their reason.',
    kind: 'counter',
    labelNames: ['dataset', 'reason'],
  },
  decided: {
    name: 'sluice_quarantine_decided_total',
    help: 'Entries of quarantine that were decided, by their reason and what they became.',
    kind: 'counter',
    labelNames: ['dataset', 'reason', 'state'],
  },
  differences: {
    name: 'sluice_ledger_differences_total',
    help: 'Sums of attempts that were not what is stored, as the run found that made them: always 0, or rows were lost.',
    kind: 'counter',
    labelNames: ['dataset'],
  },
  delivered: {
    name: 'sluice_outbox_delivered_total',
    help: 'Events that were delivered to the webhook, by their type.',
    kind: 'counter',
    labelNames: ['type'],
  },
  deliveryFailures: {
    name: 'sluice_outbox_failures_total',
    help: 'Tries to deliver an event that failed, by the reason.',
    kind: 'counter',
    labelNames: ['reason'],
  },
} as const satisfies DeclaredMetrics;

/** Besides the counters themselves. */
export const counterTimes = {
  lastRevision: {
    name: 'sluice_revision_last_timestamp_seconds',
    help: 'When a value of the dataset was last revised or withdrawn.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
} as const satisfies DeclaredMetrics;

/** What is told from 0 on of all that is counted; the labels of each series. */
interface ToldFromZero {
  readonly metric: DeclaredMetric;
  readonly series: (rows: readonly CounterRow[]) => readonly Labels[];
}

/**
 * The series that are told from their first count on, since rules and panels take their growth: the database
 * has no row of what never happened, and a series that begins with a jump has grown by nothing. A dataset has
 * them once anything of it is counted, and decisions about a reason once it has entries.
 */
const toldFromZero: readonly ToldFromZero[] = [
  { metric: counterMetrics.attempts, series: ofEachDataset([{ outcome: 'http_429' }]) },
  {
    metric: counterMetrics.revisions,
    series: ofEachDataset([{ kind: 'added' }, { kind: 'value' }, { kind: 'withdrawn' }]),
  },
  { metric: counterMetrics.differences, series: ofEachDataset([{}]) },
  {
    metric: counterMetrics.quarantined,
    series: ofEachDataset(cellEntryReasons.map((reason) => ({ reason }))),
  },
  {
    metric: counterMetrics.decided,
    series: (rows) =>
      rows
        .filter(({ name }) => name === counterMetrics.quarantined.name)
        .flatMap(({ labels }) => quarantineVerdicts.map((state) => ({ ...labels, state }))),
  },
  { metric: counterMetrics.delivered, series: () => jaoEventTypes.map((type) => ({ type })) },
  {
    metric: counterMetrics.deliveryFailures,
    series: () => deliveryFailures.map((reason) => ({ reason })),
  },
];

const exported = [...Object.values(counterMetrics), ledgerMetrics.rowsRead, ledgerMetrics.rows];

const counterRow = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
  changed_at: z.number(),
});
type CounterRow = z.infer<typeof counterRow>;

/** Tells the counters by their names; those that a newer app counts are its newer exporter's. */
export function counterCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'counters',
    sql: `select name, labels, value, extract(epoch from changed_at)::float8 as changed_at
      from ops.metrics_counter_v1 order by name, labels`,
    row: counterRow,
    families: (rows) => [
      ...exported.map((metric) =>
        familyOf(metric, [
          ...rows
            .filter(({ name }) => name === metric.name)
            .map(({ labels, value }) => [labels, value] as const),
          ...zerosOf(metric, rows),
        ]),
      ),
      unaccountedOf(rows),
      familyOf(
        counterTimes.lastRevision,
        [...latestByDataset(rows.filter(isRevision))].map(([dataset, at]) => [{ dataset }, at]),
      ),
    ],
  });
}

function zerosOf(metric: DeclaredMetric, rows: readonly CounterRow[]): readonly PossibleSample[] {
  // Looked up, and not compared one by one: this is done at each scrape, for each dataset of the catalogue.
  const identityOf = (labels: Labels): string =>
    JSON.stringify(metric.labelNames.map((name) => labels[name] ?? null));
  const counted = new Set(
    rows.filter(({ name }) => name === metric.name).map(({ labels }) => identityOf(labels)),
  );
  return toldFromZero
    .filter((told) => told.metric.name === metric.name)
    .flatMap(({ series }) => series(rows))
    .filter((labels) => !counted.has(identityOf(labels)))
    .map((labels) => [labels, 0]);
}

function ofEachDataset(series: readonly Labels[]): ToldFromZero['series'] {
  return (rows) =>
    [...new Set(rows.flatMap(({ labels }) => labels['dataset'] ?? []))].flatMap((dataset) =>
      series.map((labels) => ({ dataset, ...labels })),
    );
}

function isRevision({ name, labels }: CounterRow): boolean {
  return name === counterMetrics.revisions.name && labels['kind'] !== 'added';
}

function latestByDataset(rows: readonly CounterRow[]): ReadonlyMap<string, number> {
  const latest = new Map<string, number>();
  for (const { labels, changed_at } of rows) {
    const dataset = labels['dataset'] ?? '';
    latest.set(dataset, Math.max(changed_at, latest.get(dataset) ?? changed_at));
  }
  return latest;
}

function unaccountedOf(rows: readonly CounterRow[]): MetricFamily {
  const left = new Map<string, number>();
  const add = (metricName: string, sign: number): void => {
    for (const { name, labels, value } of rows) {
      if (name === metricName) {
        const dataset = labels['dataset'] ?? '';
        left.set(dataset, (left.get(dataset) ?? 0) + sign * value);
      }
    }
  };
  add(ledgerMetrics.rowsRead.name, 1);
  add(ledgerMetrics.rows.name, -1);
  return familyOf(
    ledgerMetrics.rowsUnaccounted,
    [...left].map(([dataset, value]) => [{ dataset }, value]),
  );
}
