/** What a metric's values are. */
export const metricKinds = ['counter', 'gauge', 'histogram'] as const;

/** A member of {@link metricKinds}. */
export type MetricKind = (typeof metricKinds)[number];

/** Labels by name. Any text is allowed as a value. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Of a histogram: which of its series it belongs to. */
  readonly part?: 'bucket' | 'sum' | 'count';
}

/**
 * A metric with all its samples at one moment. It is made anew for each answer, and never changed: what is
 * not there any more is in no later one. One that is given again, since nothing has changed, is written once.
 */
export interface MetricFamily {
  /** As it is asked for: a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly kind: MetricKind;
  readonly samples: readonly Sample[];
}

/** Names a metric apart from its samples: what a catalogue of metrics lists. */
export type MetricDeclaration = Omit<MetricFamily, 'samples'>;
