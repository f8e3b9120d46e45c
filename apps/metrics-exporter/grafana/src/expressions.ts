/** An expression of PromQL in a panel, and what its series are called there. */
export interface PanelQuery {
  readonly expr: string;
  /** In the form of a legend: `{{dataset}}`. */
  readonly legend: string;
}

/** The datasets' window of the newest due business day. */
export const newestDay = 'window="1d"';

/** A metric of the exporters that the dashboard has chosen. */
export function ofExporter(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`;
}

/** A metric of the workers that the dashboard has chosen. */
export function ofWorker(metric: string, ...matchers: readonly string[]): string {
  const chosen = ['job=~"$worker_job"', 'instance=~"$worker_instance"'];
  return `${metric}{${[...chosen, ...matchers].join(', ')}}`;
}

/** One series for each value of `labels`, however many exporters tell of the same database. */
export function once(labels: string, expr: string): string {
  return `max by (${labels}) (${expr})`;
}

/** A time that a metric tells, as Grafana's units of time want it: in milliseconds. */
export function instant(labels: string, metric: string): string {
  return `${once(labels, metric)} * 1000`;
}

/** For how long the dataset has been late, in seconds; negative where it is fresh. */
export function lateness(...matchers: readonly string[]): string {
  const nextDue = ofExporter('sluice_dataset_next_due_timestamp_seconds', ...matchers);
  const grace = ofExporter('sluice_dataset_grace_seconds', ...matchers);
  return `time() - ${once('dataset', `${nextDue} + ${grace}`)}`;
}
