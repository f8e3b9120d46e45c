import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';

import type { PanelRow } from './dashboard.ts';
import { instant, ofExporter, once } from './expressions.ts';
import { numbers, series, table, timeline } from './panels.ts';
import { eitherWay, noneOr, someWait } from './wording.ts';

const eachJob = 'job_name, warehouse';

/** When each command ran, and how that ended. */
export function jobsRow(): PanelRow {
  return {
    title: 'Jobs',
    panels: [
      table({
        title: 'Jobs',
        description:
          'When each command last ran, and how that ended. Failures are those of the chosen time.',
        width: 24,
        labels: { job_name: 'Command', warehouse: 'Warehouse' },
        runbooks: ['job-overdue'],
        columns: [
          {
            title: 'Runs now',
            expr: once(eachJob, ofExporter('sluice_job_running')),
            unit: 'short',
          },
          {
            title: 'Began',
            expr: instant(eachJob, ofExporter('sluice_job_last_start_timestamp_seconds')),
            unit: 'dateTimeFromNow',
          },
          {
            title: 'Ended well',
            expr: instant(eachJob, ofExporter('sluice_job_last_success_timestamp_seconds')),
            unit: 'dateTimeFromNow',
          },
          {
            title: 'Took',
            expr: once(eachJob, ofExporter('sluice_job_last_duration_seconds')),
            unit: 's',
          },
          {
            title: 'Failed',
            expr: `sum by (${eachJob}) (${once('job_name, reason, warehouse', `increase(${ofExporter('sluice_job_run_failures_total')}[$__range])`)})`,
            unit: 'short',
            limits: someWait('a run failed'),
          },
        ],
      }),
      series({
        title: 'Since each job ended well',
        description:
          'The time since a run of the job last ended well, and how often one is to, where the exporter was told.',
        unit: 's',
        width: 24,
        runbooks: ['job-overdue'],
        queries: [
          {
            expr: `time() - ${once(eachJob, ofExporter('sluice_job_last_success_timestamp_seconds'))}`,
            legend: '{{job_name}} {{warehouse}}',
          },
          {
            expr: once('job_name', ofExporter('sluice_job_interval_seconds')),
            legend: '{{job_name}}: to end well every',
          },
        ],
      }),
    ],
  };
}

/** Whether events reach the webhook. */
export function outboxRow(): PanelRow {
  return {
    title: 'Events for the webhook',
    panels: [
      numbers({
        title: 'To be delivered',
        description:
          'Events that are to be delivered to the webhook, those that wait for another try included.',
        unit: 'short',
        width: 4,
        height: 8,
        queries: [{ expr: `max(${ofExporter('sluice_outbox_pending')})`, legend: 'wait' }],
      }),
      numbers({
        title: 'Given up',
        description:
          'Events that were tried as often as they may be, or that the receiver does not want. They wait for a person.',
        unit: 'short',
        width: 4,
        height: 8,
        runbooks: ['outbox-stuck'],
        limits: noneOr('an event is lost unless a person replays it'),
        queries: [{ expr: `max(${ofExporter('sluice_outbox_dead')})`, legend: 'given up' }],
      }),
      series({
        title: 'Wait of the oldest event',
        description:
          'For how long the oldest event that is to be delivered has waited; nothing where none does.',
        unit: 's',
        width: 8,
        runbooks: ['outbox-stuck'],
        queries: [
          {
            expr: `time() - min(${ofExporter('sluice_outbox_oldest_timestamp_seconds')})`,
            legend: 'oldest',
          },
        ],
      }),
      series({
        title: 'Deliveries',
        description:
          'Events that were delivered, by their type, and tries that failed, by the reason.',
        unit: 'short',
        width: 8,
        isBars: true,
        isStacked: true,
        queries: [
          {
            expr: once(
              'type',
              `increase(${ofExporter('sluice_outbox_delivered_total')}[$__rate_interval])`,
            ),
            legend: '{{type}} delivered',
          },
          {
            expr: once(
              'reason',
              `increase(${ofExporter('sluice_outbox_failures_total')}[$__rate_interval])`,
            ),
            legend: 'failed: {{reason}}',
          },
        ],
      }),
    ],
  };
}

/** How the exporter itself fares. */
export function exporterRow(): PanelRow {
  return { title: 'The exporter', panels: [...collectors(), ...versions(), ...surroundings()] };
}

function collectors(): Panel[] {
  return [
    timeline({
      title: 'Collectors',
      description:
        'Whether each collector read its source in time. What it would tell is absent where it did not.',
      unit: 'none',
      width: 12,
      states: eitherWay('well', 'failed'),
      runbooks: ['collector-failing'],
      queries: [
        {
          expr: `min by (collector) (${ofExporter('sluice_exporter_collector_success')})`,
          legend: '{{collector}}',
        },
      ],
    }),
    series({
      title: 'Duration of collectors',
      description:
        'What each collector takes for a scrape. Together they have half a second less than the scrape.',
      unit: 's',
      width: 12,
      queries: [
        {
          expr: once('collector', ofExporter('sluice_exporter_collector_duration_seconds')),
          legend: '{{collector}}',
        },
      ],
    }),
  ];
}

function versions(): Panel[] {
  return [
    table({
      title: 'Versions',
      description: 'What runs, and the newest migration of each part of the database.',
      width: 12,
      height: 6,
      labels: { component: 'Part of the database' },
      columns: [
        {
          title: 'Migration',
          expr: once('component', ofExporter('sluice_schema_version')),
          unit: 'none',
        },
        {
          title: 'Applied',
          expr: instant('component', ofExporter('sluice_schema_applied_timestamp_seconds')),
          unit: 'dateTimeFromNow',
        },
      ],
    }),
    table({
      title: 'Builds of the exporter',
      description: 'The version and commit of each exporter that is scraped.',
      width: 12,
      height: 6,
      labels: {
        instance: 'Instance',
        version: 'Version',
        revision: 'Commit',
        node_version: 'Node.js',
      },
      columns: [
        {
          title: 'Runs',
          expr: once('instance, version, revision, node_version', ofExporter('sluice_build_info')),
          unit: 'none',
          states: [{ value: 1, word: 'yes', level: 'plain' }],
        },
      ],
    }),
  ];
}

function surroundings(): Panel[] {
  return [
    ...settings(),
    numbers({
      title: 'Certificate',
      description: 'When the certificate that an exporter serves with expires.',
      unit: 'dateTimeFromNow',
      width: 3,
      height: 8,
      nothing: 'no TLS',
      runbooks: ['certificate-expiry'],
      queries: [
        {
          expr: `min(${instant('instance', ofExporter('sluice_exporter_certificate_expiry_timestamp_seconds'))})`,
          legend: 'expires',
        },
      ],
    }),
    timeline({
      title: 'Views in the database',
      description:
        'Whether the database has the view that a collector reads. It has not before the app that owns the view has migrated.',
      unit: 'none',
      width: 8,
      states: [
        { value: 0, word: 'absent', level: 'warning' },
        { value: 1, word: 'there', level: 'good' },
      ],
      queries: [
        {
          expr: once('collector', ofExporter('sluice_exporter_source_present')),
          legend: '{{collector}}',
        },
      ],
    }),
    series({
      title: 'Clock of the database',
      description:
        'How far the clock of the database is ahead of that of Prometheus, by which rules judge. A few seconds are the time since the scrape.',
      unit: 's',
      width: 7,
      runbooks: ['clock-skew'],
      queries: [
        {
          expr: `max by (instance) (${ofExporter('sluice_database_clock_timestamp_seconds')}) - max by (instance) (timestamp(${ofExporter('sluice_database_clock_timestamp_seconds')}))`,
          legend: '{{instance}}',
        },
      ],
    }),
  ];
}

function settings(): Panel[] {
  return [
    numbers({
      title: 'New settings',
      description:
        'Whether each exporter could use its web configuration when it last read it. Refused, it serves with the one before.',
      unit: 'none',
      width: 3,
      height: 8,
      states: eitherWay('in use', 'refused'),
      runbooks: ['config-reload-failed'],
      queries: [
        {
          expr: `min by (instance) (${ofExporter('sluice_config_last_reload_successful')})`,
          legend: '{{instance}}',
        },
      ],
    }),
    numbers({
      title: 'Settings in use',
      description: 'When the settings were read that each exporter uses.',
      unit: 'dateTimeFromNow',
      width: 3,
      height: 8,
      queries: [
        {
          expr: instant(
            'instance',
            ofExporter('sluice_config_last_reload_success_timestamp_seconds'),
          ),
          legend: '{{instance}}',
        },
      ],
    }),
  ];
}
