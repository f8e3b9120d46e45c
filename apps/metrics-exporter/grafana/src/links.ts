import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';

/** What all dashboards of Sluice are tagged with, and found by. */
export const dashboardTag = 'sluice';

/** A page of docs/runbooks, without its ending: a symptom that alerts tell of. */
export type Runbook =
  | 'attempt-stuck'
  | 'backfill-stalled'
  | 'certificate-expiry'
  | 'check-failed'
  | 'clock-skew'
  | 'collector-failing'
  | 'config-reload-failed'
  | 'database-down'
  | 'exporter-down'
  | 'fenced-writes'
  | 'file-overdue'
  | 'freshness'
  | 'incomplete'
  | 'job-overdue'
  | 'no-lease-holder'
  | 'not-collected'
  | 'not-provided'
  | 'outbox-stuck'
  | 'quarantine'
  | 'revision-storm'
  | 'rows-lost'
  | 'schema-drift'
  | 'source-maintenance'
  | 'source-throttled'
  | 'two-lease-holders'
  | 'worker-down';

/** The page of a runbook, below the address that the reader of the dashboard has given. */
export function linkToRunbook(runbook: Runbook): DashboardLink {
  return new DashboardLinkBuilder(`Runbook: ${runbook}`)
    .type(DashboardLinkType.Link)
    .url(`\${docs_url}/docs/runbooks/${runbook}.md`)
    .targetBlank(true)
    .build();
}

/** A menu of all dashboards of Sluice; the chosen time, Prometheus and processes stay. */
export function linkToAll(): DashboardLink {
  return new DashboardLinkBuilder('Sluice')
    .type(DashboardLinkType.Dashboards)
    .tags([dashboardTag])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true)
    .build();
}
