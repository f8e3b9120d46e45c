import { exporter, exporterTarget, rising, values, worker, workerTarget } from '../alert-case.ts';
import type { AlertExpectation } from '../alert-case.ts';

const platform = { audience: 'platform' } as const;

/** What is to be said about whether anybody would know. */
export const monitoringExpectations: Readonly<Record<string, AlertExpectation>> = {
  SluiceExporterDown: {
    ...platform,
    severity: 'page',
    symptom: 'exporter-down',
    dashboard: 'overview',
    cases: [
      {
        title: 'an exporter that does not answer, whatever the workers do',
        series: {
          [exporter('up')]: values([5, 1], [10, 0], [5, 1]),
          [worker('up')]: values([20, 0]),
        },
        looks: {
          4: [],
          7: [],
          8: [
            {
              labels: exporterTarget,
              summary: 'The exporter at exporter:9464 does not answer',
              description:
                'No scrape of exporter:9464 has been answered for 3 minutes: nobody knows what is fresh, complete or lost.',
            },
          ],
          15: [],
        },
      },
    ],
  },
  SluiceExporterAbsent: {
    ...platform,
    severity: 'page',
    symptom: 'exporter-down',
    dashboard: 'overview',
    cases: [
      {
        title: 'no exporter among the targets, for as long as that is so',
        // What is not told any more is believed for 5 minutes.
        series: { [exporter('up')]: values([5, 1], [30, undefined], [10, 1]) },
        looks: {
          4: [],
          14: [],
          16: [
            {
              labels: { job: 'sluice-exporter' },
              summary: 'Prometheus scrapes no exporter',
              description:
                'There has been no target of the job sluice-exporter for 5 minutes: nobody knows what is fresh, complete or lost.',
            },
          ],
          35: [],
        },
      },
    ],
  },
  SluiceDatabaseDown: {
    ...platform,
    severity: 'page',
    symptom: 'database-down',
    dashboard: 'overview',
    cases: [
      {
        title: 'a Postgres that does not answer, and comes back',
        series: { [exporter('sluice_up')]: values([5, 1], [10, 0], [5, 1]) },
        looks: {
          4: [],
          7: [],
          8: [
            {
              labels: exporterTarget,
              summary: 'Postgres does not answer the exporter',
              description:
                'The exporter at exporter:9464 has asked in vain for 3 minutes: nothing is collected, and all that is told of Postgres is unknown.',
            },
          ],
          15: [],
        },
      },
    ],
  },
  SluiceCollectorFailing: {
    ...platform,
    severity: 'ticket',
    symptom: 'collector-failing',
    dashboard: 'overview',
    cases: [
      {
        title: 'one collector that fails for ten minutes',
        series: {
          [exporter('sluice_exporter_collector_success', { collector: 'jobs' })]: values(
            [5, 1],
            [20, 0],
            [5, 1],
          ),
          [exporter('sluice_exporter_collector_success', { collector: 'leases' })]: values([30, 1]),
        },
        looks: {
          4: [],
          14: [],
          15: [
            {
              labels: { ...exporterTarget, collector: 'jobs' },
              summary: 'The collector jobs fails',
              description:
                'It has read nothing for 10 minutes: its metrics are absent, and the alerts on them are silent.',
            },
          ],
          25: [],
        },
      },
    ],
  },
  SluiceConfigReloadFailed: {
    ...platform,
    severity: 'ticket',
    symptom: 'config-reload-failed',
    dashboard: 'overview',
    cases: [
      {
        title: 'settings that can not be used, until they can',
        series: {
          [exporter('sluice_config_last_reload_successful')]: values([5, 1], [10, 0], [5, 1]),
        },
        looks: {
          4: [],
          9: [],
          10: [
            {
              labels: exporterTarget,
              summary: 'The exporter at exporter:9464 could not use its new settings',
              description:
                'Its web configuration has been wrong for 5 minutes: it serves with the one before, expiring certificates included.',
            },
          ],
          15: [],
        },
      },
    ],
  },
  SluiceCertificateExpiry: {
    ...platform,
    severity: 'ticket',
    symptom: 'certificate-expiry',
    dashboard: 'overview',
    cases: [
      {
        title: 'a certificate that expires in less than 14 days, until it is renewed',
        everyMinutes: 10,
        series: {
          [exporter('sluice_exporter_certificate_expiry_timestamp_seconds')]: values(
            [12, 14 * 86_400 + 6000],
            [10, 90 * 86_400],
          ),
        },
        looks: {
          100: [],
          110: [
            {
              labels: exporterTarget,
              summary: 'The certificate of exporter:9464 expires',
              description:
                'It expires in 13d 23h 50m 0s; after that no scrape succeeds, and everything else is unknown. A negative time is past.',
            },
          ],
          120: [],
        },
      },
    ],
  },
  SluiceDatabaseClockSkew: {
    ...platform,
    severity: 'ticket',
    symptom: 'clock-skew',
    dashboard: 'overview',
    cases: [
      {
        title: 'a clock of Postgres that is ahead, and then right again',
        series: {
          [exporter('sluice_database_clock_timestamp_seconds')]: [
            rising(10, 1, 60),
            rising(20, 610, 60),
            rising(10, 1801, 60),
          ].join(' '),
        },
        looks: { 9: [], 19: [], 20: [clocksDiffer('10s')], 30: [] },
      },
      {
        title: 'a clock of Postgres that is behind',
        series: { [exporter('sluice_database_clock_timestamp_seconds')]: rising(20, -8, 60) },
        looks: { 9: [], 10: [clocksDiffer('8s')] },
      },
    ],
  },
  SluiceWorkerClockSkew: {
    ...platform,
    severity: 'ticket',
    symptom: 'clock-skew',
    dashboard: 'source',
    cases: [
      {
        title: 'a heartbeat in the future, and none that is only old',
        series: {
          [worker('sluice_worker_heartbeat_timestamp_seconds')]: [
            rising(10, 0, 60),
            rising(20, 620, 60),
            rising(10, 1800, 60),
          ].join(' '),
          [worker('sluice_worker_heartbeat_timestamp_seconds', { instance: 'other:9465' })]: values(
            [40, 0],
          ),
        },
        looks: {
          9: [],
          19: [],
          20: [
            {
              labels: workerTarget,
              summary: 'The clock of the worker at worker:9465 is ahead',
              description: 'Its last heartbeat is 20s in the future.',
            },
          ],
          30: [],
        },
      },
    ],
  },
  SluiceWatchdog: {
    ...platform,
    severity: 'info',
    symptom: 'watchdog',
    dashboard: 'overview',
    cases: [
      {
        title: 'always, whatever else there is',
        series: {},
        looks: {
          0: [alertingWorks()],
          60: [alertingWorks()],
        },
      },
    ],
  },
};

function clocksDiffer(by: string) {
  return {
    labels: exporterTarget,
    summary: 'The clocks of Postgres and Prometheus differ',
    description: `They are ${by} apart. What is due, late or leased is told by the clock of Postgres.`,
  };
}

function alertingWorks() {
  return {
    labels: {},
    summary: 'Alerting works',
    description:
      'This alert always fires. Whoever receives it has to raise the alarm when it stops coming.',
  };
}
