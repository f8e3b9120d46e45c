/** A column's name and its type, as Postgres writes it. */
type Columns = Readonly<Record<string, string>>;

/**
 * The views of schema `ops` that metrics are read from, with their columns: the contract between those
 * who store and `metrics-exporter`. A view gets more columns at its end, never other ones; one whose
 * meaning changes gets the next number, beside the old one for as long as an exporter reads that.
 */
export const metricsViews = {
  ops: {
    metrics_schema_v1: {
      component: 'text',
      version: 'integer',
      applied_at: 'timestamp with time zone',
    },
    metrics_job_v1: {
      job_name: 'text',
      last_started_at: 'timestamp with time zone',
      last_ended_at: 'timestamp with time zone',
      last_succeeded_at: 'timestamp with time zone',
      last_duration: 'interval',
      running: 'bigint',
      oldest_heartbeat_at: 'timestamp with time zone',
      succeeded: 'bigint',
      failed: 'bigint',
      abandoned: 'bigint',
    },
    metrics_attempt_v1: {
      dataset: 'text',
      running: 'bigint',
      oldest_started_at: 'timestamp with time zone',
    },
    metrics_lease_v1: {
      name: 'text',
      token: 'bigint',
      holder: 'text',
      leased_until: 'timestamp with time zone',
      acquired_at: 'timestamp with time zone',
      renewed_at: 'timestamp with time zone',
      is_held: 'boolean',
    },
    metrics_origin_v1: {
      origin: 'text',
      requests: 'bigint',
      paused_until: 'timestamp with time zone',
    },
    metrics_quarantine_v1: {
      dataset: 'text',
      reason: 'text',
      entries: 'bigint',
      oldest_created_at: 'timestamp with time zone',
    },
    metrics_drift_v1: {
      dataset: 'text',
      kind: 'text',
      items: 'bigint',
      newest_seen_at: 'timestamp with time zone',
    },
    metrics_check_v1: {
      dataset: 'text',
      check_id: 'text',
      kind: 'text',
      outcome: 'text',
      severity: 'text',
      tested: 'bigint',
      failing: 'bigint',
      period_from: 'date',
      period_to: 'date',
      checked_at: 'timestamp with time zone',
    },
    metrics_counter_v1: {
      name: 'text',
      labels: 'jsonb',
      value: 'double precision',
      changed_at: 'timestamp with time zone',
    },
  },
  'jao-scraper': {
    metrics_dataset_v1: {
      dataset: 'text',
      newest_day: 'date',
      newest_finished_day: 'date',
      next_due_at: 'timestamp with time zone',
      grace: 'interval',
      last_checked_at: 'timestamp with time zone',
      last_changed_at: 'timestamp with time zone',
      remaining_days: 'integer',
    },
    metrics_completeness_v1: {
      dataset: 'text',
      days: 'integer',
      newest_day: 'date',
      cells: 'bigint',
      present: 'bigint',
      not_expected: 'bigint',
      withdrawn: 'bigint',
      unavailable: 'bigint',
      quarantined: 'bigint',
      not_due: 'bigint',
      late: 'bigint',
      not_collected: 'bigint',
      not_provided: 'bigint',
    },
    metrics_series_v1: {
      dataset: 'text',
      series: 'text',
      last_observed_at: 'timestamp with time zone',
    },
    metrics_outbox_v1: {
      pending: 'bigint',
      dead: 'bigint',
      oldest_pending_since: 'timestamp with time zone',
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Columns>>>>;
