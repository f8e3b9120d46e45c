import type { Labels, MetricDeclaration, MetricFamily, Sample } from '@sluice/metrics';

/** A metric with the names of its labels, as docs/metrics.md lists it. */
export interface DeclaredMetric extends MetricDeclaration {
  /** All that any of its samples may have. */
  readonly labelNames: readonly string[];
}

/** Metrics by what a collector calls them. */
export type DeclaredMetrics = Readonly<Record<string, DeclaredMetric>>;

/** Labels and value of a sample; one whose value is not known is none. */
export type PossibleSample = readonly [labels: Labels, value: number | null | undefined];

/** A metric with those of its samples whose value is known. */
export function familyOf(
  { name, help, kind }: DeclaredMetric,
  samples: readonly PossibleSample[],
): MetricFamily {
  // One by one: there may be tens of thousands, at each scrape.
  const known: Sample[] = [];
  for (const [labels, value] of samples) {
    if (value !== null && value !== undefined) {
      known.push({ labels, value });
    }
  }
  return { name, help, kind, samples: known };
}

/** A metric of which each row tells one sample; a row whose value is not known tells none. */
export function familyOfRows<Row extends { readonly labels: Labels }>(
  metric: DeclaredMetric,
  rows: readonly Row[],
  valueOf: (row: Row) => PossibleSample[1],
): MetricFamily {
  return familyOf(
    metric,
    rows.map((row) => [row.labels, valueOf(row)]),
  );
}
