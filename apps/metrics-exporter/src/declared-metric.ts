import type { Labels, MetricDeclaration, MetricFamily } from '@sluice/metrics';

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
  return {
    name,
    help,
    kind,
    samples: samples.flatMap(([labels, value]) =>
      value === null || value === undefined ? [] : [{ labels, value }],
    ),
  };
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
