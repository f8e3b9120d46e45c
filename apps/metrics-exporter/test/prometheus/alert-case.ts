import type { audiences, severities } from './rules.ts';

/** What is fixed of an alert, and how it comes and goes. */
export interface AlertExpectation {
  readonly severity: (typeof severities)[number];
  readonly audience: (typeof audiences)[number];
  /** Its page in docs/runbooks. */
  readonly symptom: string;
  /** What its dashboard is called in its URL. */
  readonly dashboard: string;
  readonly cases: readonly AlertCase[];
}

/** A story that Prometheus is told, and what the alert is to say at moments of it. */
export interface AlertCase {
  readonly title: string;
  /** Between two values of a series, and between two evaluations. @default 1 */
  readonly everyMinutes?: number;
  /** By the series: see `exporter`, `worker` and `values`. */
  readonly series: Readonly<Record<string, string>>;
  /** What fires by the minute; nothing, where that is to be seen. */
  readonly looks: Readonly<Record<number, readonly FiringAlert[]>>;
}

/** An alert that fires, besides what is fixed of it. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
}

/** Where the exporter of all cases is. */
export const exporterTarget = { job: 'sluice-exporter', instance: 'exporter:9464' };
/** Where the first of their workers is. */
export const workerTarget = { job: 'sluice-worker', instance: 'worker:9465' };

/** A series of the exporter. */
export function exporter(metric: string, labels: Readonly<Record<string, string>> = {}): string {
  return seriesOf(metric, { ...exporterTarget, ...labels });
}

/** A series of a worker. */
export function worker(metric: string, labels: Readonly<Record<string, string>> = {}): string {
  return seriesOf(metric, { ...workerTarget, ...labels });
}

/** Values one after the other: each so many times, or none for `undefined`. */
export function values(
  ...stretches: readonly (readonly [times: number, value: number | undefined])[]
): string {
  return stretches
    .map(([times, value]) =>
      value === undefined ? `_x${String(times)}` : `${String(value)}+0x${String(times - 1)}`,
    )
    .join(' ');
}

/** Values that go up by `step`, or down where it is negative, from `from` on. */
export function rising(times: number, from: number, step: number): string {
  return `${String(from)}${step < 0 ? '' : '+'}${String(step)}x${String(times - 1)}`;
}

function seriesOf(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${metric}{${pairs.join(', ')}}`;
}
