import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';

import { layOut } from './dashboard.ts';
import type { PanelRow } from './dashboard.ts';
import { instant, ofExporter, ofWorker, once } from './expressions.ts';
import type { PanelQuery } from './expressions.ts';
import { numbers, series, table, timeline } from './panels.ts';
import { commonVariables, workerVariables } from './variables.ts';
import { noneOr } from './wording.ts';

const durations = ofWorker('sluice_source_request_duration_seconds_bucket');

/** How the sources answer, and whether the workers ask. */
export function sourceDashboard() {
  return layOut({
    uid: 'sluice-source',
    title: 'Sluice: health of sources',
    description: 'How the sources answer, and whether the workers ask.',
    variables: [...commonVariables(), ...workerVariables()],
    rows: [answers(), pace(), workers(), leases()],
  });
}

function answers(): PanelRow {
  return { title: 'How do they answer?', panels: [...responses(), ...outcomes()] };
}

function responses(): Panel[] {
  return [
    series({
      title: 'Requests by status',
      description: 'Requests by the status of the response; none where no response came.',
      unit: 'reqps',
      width: 12,
      isStacked: true,
      queries: [
        {
          expr: `sum by (source, code) (rate(${ofWorker('sluice_source_requests_total')}[$__rate_interval]))`,
          legend: '{{source}}, {{code}}',
        },
      ],
    }),
    series({
      title: 'Failures by reason',
      description: 'Requests that brought no data, by the outcome of their attempt.',
      unit: 'reqps',
      width: 12,
      isStacked: true,
      runbooks: ['source-throttled'],
      queries: [
        {
          expr: `sum by (source, reason) (rate(${ofWorker('sluice_source_request_failures_total')}[$__rate_interval])) > 0`,
          legend: '{{source}}, {{reason}}',
        },
      ],
    }),
    series({
      title: 'Time to the last byte',
      description:
        'How long requests take: half of them at most the one, 99 of 100 at most the other.',
      unit: 's',
      width: 12,
      queries: [quantile(0.5), quantile(0.99)],
    }),
    series({
      title: 'Bytes of bodies',
      description: 'As they came, and decompressed.',
      unit: 'Bps',
      width: 12,
      queries: [
        {
          expr: `sum by (source) (rate(${ofWorker('sluice_source_response_bytes_total')}[$__rate_interval]))`,
          legend: '{{source}}, as they came',
        },
        {
          expr: `sum by (source) (rate(${ofWorker('sluice_source_decoded_bytes_total')}[$__rate_interval]))`,
          legend: '{{source}}, decompressed',
        },
      ],
    }),
  ];
}

function outcomes(): Panel[] {
  return [
    series({
      title: 'Attempts by outcome',
      description:
        'Requests of all processes that have ended, by what became of them, as the ledger has them.',
      unit: 'short',
      width: 12,
      isBars: true,
      isStacked: true,
      queries: [
        {
          expr: `sum by (outcome) (${once('dataset, outcome', `increase(${ofExporter('sluice_source_attempts_total')}[$__rate_interval])`)})`,
          legend: '{{outcome}}',
        },
      ],
    }),
    series({
      title: 'Asked again, and nothing new',
      description:
        'Requests that were made again after a failure, and responses that said that nothing is new.',
      unit: 'reqps',
      width: 12,
      queries: [
        {
          expr: `sum by (source) (rate(${ofWorker('sluice_source_retries_total')}[$__rate_interval]))`,
          legend: '{{source}}, again',
        },
        {
          expr: `sum by (source) (rate(${ofWorker('sluice_source_not_modified_total')}[$__rate_interval]))`,
          legend: '{{source}}, nothing new',
        },
      ],
    }),
  ];
}

function quantile(share: number): PanelQuery {
  return {
    expr: `histogram_quantile(${String(share)}, sum by (source, le) (rate(${durations}[$__rate_interval])))`,
    legend: `{{source}}, ${String(share * 100)} %`,
  };
}

function pace(): PanelRow {
  return {
    title: 'Are they asked too often?',
    panels: [
      series({
        title: 'Requests at the shared pace',
        description: 'Requests to each origin that were let go, of all processes, a minute.',
        unit: 'reqpm',
        width: 12,
        queries: [
          {
            expr: `60 * ${once('origin', `rate(${ofExporter('sluice_origin_requests_total')}[$__rate_interval])`)}`,
            legend: '{{origin}}',
          },
        ],
      }),
      series({
        title: 'Waits for the pace',
        description:
          'For how many seconds of each second requests wait for their turn, or for the end of a pause.',
        unit: 'short',
        width: 6,
        queries: [
          {
            expr: `sum by (source) (rate(${ofWorker('sluice_source_throttle_wait_seconds_total')}[$__rate_interval]))`,
            legend: '{{source}}',
          },
        ],
      }),
      series({
        title: 'Pauses',
        description:
          'For how long each origin still wants to be left alone; 0 where it does not, and nothing where it never did.',
        unit: 's',
        width: 6,
        runbooks: ['source-maintenance', 'source-throttled'],
        nothing: 'never',
        queries: [
          {
            expr: `clamp_min(${once('origin', ofExporter('sluice_origin_paused_until_timestamp_seconds'))} - time(), 0)`,
            legend: '{{origin}}, all processes',
          },
          {
            expr: `clamp_min(max by (source) (${ofWorker('sluice_source_paused_until_timestamp_seconds')}) - time(), 0)`,
            legend: '{{source}}, as workers know',
          },
        ],
      }),
      series({
        title: 'Requests that are out',
        description: 'Requests of all processes that have not ended, by their dataset.',
        unit: 'short',
        width: 24,
        isStacked: true,
        queries: [
          {
            expr: once('dataset', ofExporter('sluice_source_attempts_running')),
            legend: '{{dataset}}',
          },
        ],
      }),
    ],
  };
}

function workers(): PanelRow {
  return {
    title: 'Do the workers live?',
    panels: [
      series({
        title: 'Since the loop last went round',
        description:
          'A worker goes round at least every few seconds; after a minute it is not ready any more.',
        unit: 's',
        width: 8,
        runbooks: ['worker-down'],
        limits: [{ from: 60, level: 'critical', means: 'the worker hangs' }],
        queries: [
          {
            expr: `time() - max by (instance) (${ofWorker('sluice_worker_heartbeat_timestamp_seconds')})`,
            legend: '{{instance}}',
          },
        ],
      }),
      series({
        title: 'Silence of runs',
        description:
          'Of the runs that have not ended, for how long the most silent one has said nothing in the ledger.',
        unit: 's',
        width: 8,
        queries: [
          {
            expr: `time() - min by (job_name) (${ofExporter('sluice_job_oldest_heartbeat_timestamp_seconds')})`,
            legend: '{{job_name}}',
          },
        ],
      }),
      series({
        title: 'Lines of the log',
        description: 'By their level. Of warn somebody is to look tomorrow, of error at once.',
        unit: 'short',
        width: 8,
        isBars: true,
        queries: [
          {
            expr: `sum by (instance, level) (increase(${ofWorker('sluice_log_messages_total')}[$__rate_interval]))`,
            legend: '{{level}}, {{instance}}',
          },
        ],
      }),
      table({
        title: 'Builds of the workers',
        description: 'The version and commit of each worker that is scraped.',
        width: 12,
        height: 6,
        labels: { instance: 'Instance', version: 'Version', revision: 'Commit' },
        columns: [
          {
            title: 'Runs',
            expr: once('instance, version, revision', ofWorker('sluice_build_info')),
            unit: 'none',
            states: [{ value: 1, word: 'yes', level: 'plain' }],
          },
        ],
      }),
      series({
        title: 'Cells that workers stored',
        description:
          'First values (added), other values (value) and withdrawals (withdrawn), by worker.',
        unit: 'short',
        width: 12,
        height: 6,
        isBars: true,
        queries: [
          {
            expr: `sum by (instance, kind) (increase(${ofWorker('sluice_revisions_total')}[$__rate_interval]))`,
            legend: '{{kind}}, {{instance}}',
          },
        ],
      }),
    ],
  };
}

function leases(): PanelRow {
  return { title: 'Does exactly one schedule?', panels: [...holders(), ...losses()] };
}

function holders(): Panel[] {
  return [
    timeline({
      title: 'Workers that hold the lease',
      description:
        'Workers that say that they schedule the dataset: one, but for the moments of a change.',
      unit: 'none',
      width: 8,
      states: [
        { value: 0, word: 'none', level: 'critical' },
        { value: 1, word: 'one', level: 'good' },
        { value: 2, word: 'two', level: 'critical' },
      ],
      runbooks: ['no-lease-holder', 'two-lease-holders'],
      queries: [
        {
          expr: `sum by (shard) (${ofWorker('sluice_worker_lease_held')})`,
          legend: '{{shard}}',
        },
      ],
    }),
    table({
      title: 'Leases',
      description:
        'Who schedules what, as the database has it. The number goes up each time that a lease changes hands.',
      width: 8,
      runbooks: ['no-lease-holder'],
      labels: { shard: 'Dataset' },
      columns: [
        {
          title: 'Held',
          expr: once('shard', ofExporter('sluice_lease_held')),
          unit: 'none',
          states: [
            { value: 0, word: 'free', level: 'critical' },
            { value: 1, word: 'held', level: 'good' },
          ],
        },
        { title: 'Number', expr: once('shard', ofExporter('sluice_lease_token')), unit: 'none' },
        {
          title: 'Until',
          expr: instant('shard', ofExporter('sluice_lease_expires_timestamp_seconds')),
          unit: 'dateTimeFromNow',
        },
      ],
    }),
    table({
      title: 'Holders',
      description: 'Who holds each lease, or held it last.',
      width: 8,
      labels: { shard: 'Dataset', holder: 'Holder' },
      columns: [
        {
          title: 'Known',
          expr: once('shard, holder', ofExporter('sluice_lease_info')),
          unit: 'none',
          states: [{ value: 1, word: 'newest', level: 'plain' }],
        },
      ],
    }),
  ];
}

function losses(): Panel[] {
  return [
    numbers({
      title: 'Leases that were lost',
      description: 'Leases that another worker took over, in the chosen time.',
      unit: 'short',
      width: 12,
      limits: [{ from: 1, level: 'warning', means: 'a worker hung, or was cut off' }],
      queries: [
        {
          expr: `sum(increase(${ofWorker('sluice_worker_lease_losses_total')}[$__range]))`,
          legend: 'lost',
        },
      ],
    }),
    numbers({
      title: 'Writes that were refused',
      description:
        'Writes of a worker that had lost its day to another, in the chosen time. Nothing of them was stored.',
      unit: 'short',
      width: 12,
      runbooks: ['fenced-writes'],
      limits: noneOr('a worker went on after it had lost its day'),
      queries: [
        {
          expr: `sum(increase(${ofWorker('sluice_worker_fenced_writes_total')}[$__range]))`,
          legend: 'refused',
        },
      ],
    }),
  ];
}
