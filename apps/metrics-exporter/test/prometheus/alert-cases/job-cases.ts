import { exporter, exporterTarget, rising, values, worker, workerTarget } from '../alert-case.ts';
import type { AlertExpectation } from '../alert-case.ts';

const dataset = 'core/maxExchanges';
const votesJob = { job_name: 'votes-ingest', warehouse: 'w.db' };
const platform = { audience: 'platform' } as const;

function interval(job: string): string {
  return exporter('sluice_job_interval_seconds', { job_name: job });
}

function collector(name: string): string {
  return exporter('sluice_exporter_collector_success', { collector: name });
}

function statusWritten(warehouse: string): string {
  return exporter('sluice_warehouse_status_written_timestamp_seconds', {
    dataset: 'votes',
    warehouse,
  });
}

/** What is to be said about whether what collects is at work. */
export const jobExpectations: Readonly<Record<string, AlertExpectation>> = {
  SluiceJobOverdue: {
    ...platform,
    severity: 'page',
    symptom: 'job-overdue',
    dashboard: 'overview',
    cases: [
      {
        title: 'two intervals and two runs without a good end, of a job that has an interval',
        everyMinutes: 10,
        series: {
          [exporter('sluice_job_last_success_timestamp_seconds', votesJob)]: values(
            [16, 0],
            [20, 9600],
          ),
          [exporter('sluice_job_last_duration_seconds', votesJob)]: values([36, 600]),
          [exporter('sluice_job_interval_seconds', { job_name: 'votes-ingest' })]: values([
            36, 3600,
          ]),
          [exporter('sluice_job_last_success_timestamp_seconds', {
            job_name: 'jao-scraper watch',
          })]: values([36, 0]),
          [exporter('sluice_job_last_duration_seconds', { job_name: 'jao-scraper watch' })]: values(
            [36, 600],
          ),
        },
        looks: {
          140: [],
          150: [
            {
              labels: { ...exporterTarget, ...votesJob },
              summary: 'votes-ingest is overdue',
              description:
                'Its last good end in w.db was 2h 30m 0s ago: two intervals and two runs have passed.',
            },
          ],
          160: [],
        },
      },
    ],
  },
  SluiceJobNeverSucceeded: {
    ...platform,
    severity: 'ticket',
    symptom: 'job-overdue',
    dashboard: 'overview',
    cases: [
      {
        title: 'one of two warehouses, until a run of it ends well',
        everyMinutes: 10,
        series: {
          [interval('votes-ingest')]: values([36, 86_400]),
          [statusWritten('w.db')]: values([36, 0]),
          [statusWritten('other.db')]: values([36, 0]),
          [exporter('sluice_job_last_success_timestamp_seconds', votesJob)]: values(
            [10, undefined],
            [26, 6000],
          ),
          [exporter('sluice_job_last_success_timestamp_seconds', {
            ...votesJob,
            warehouse: 'other.db',
          })]: values([36, 0]),
          [collector('votes_status w.db.status.json')]: values([36, 1]),
          [collector('votes_status other.db.status.json')]: values([36, 1]),
          [collector('votes_status torn.db.status.json')]: values([36, 0]),
          [collector('jobs')]: values([36, 0]),
          [collector('certificate')]: values([36, 0]),
        },
        looks: {
          50: [],
          60: [
            {
              labels: { ...exporterTarget, ...votesJob },
              summary: 'votes-ingest has never ended well in w.db',
              description:
                'It is to end well every 1d 0h 0m 0s, and the status file of w.db knows of no time.',
            },
          ],
          100: [],
        },
      },
      {
        title: 'a job whose status file the exporter was not told of',
        everyMinutes: 10,
        series: {
          [interval('votes-ingest')]: values([36, 86_400]),
          [collector('jobs')]: values([36, 1]),
        },
        looks: {
          50: [],
          60: [
            {
              labels: { ...exporterTarget, job_name: 'votes-ingest' },
              summary: 'votes-ingest has never ended well',
              description:
                'It is to end well every 1d 0h 0m 0s, and no ledger that the exporter reads knows of a single time.',
            },
          ],
        },
      },
      {
        title: 'a job of Postgres, whatever status files can not be read',
        everyMinutes: 10,
        series: {
          [interval('jao-scraper watch')]: values([36, 3600]),
          [collector('jobs')]: values([36, 1]),
          [collector('votes_status w.db.status.json')]: values([36, 0]),
        },
        looks: {
          50: [],
          60: [
            {
              labels: { ...exporterTarget, job_name: 'jao-scraper watch' },
              summary: 'jao-scraper watch has never ended well',
              description:
                'It is to end well every 1h 0m 0s, and no ledger that the exporter reads knows of a single time.',
            },
          ],
        },
      },
      {
        title: 'ledgers that can not be read',
        everyMinutes: 10,
        series: {
          [interval('votes-ingest')]: values([36, 86_400]),
          [collector('votes_status w.db.status.json')]: values([36, 0]),
          [interval('jao-scraper watch')]: values([36, 3600]),
          [collector('jobs')]: values([36, 0]),
          [collector('leases')]: values([36, 1]),
        },
        looks: { 120: [] },
      },
    ],
  },
  SluiceNoLeaseHolder: {
    ...platform,
    severity: 'page',
    symptom: 'no-lease-holder',
    dashboard: 'source',
    cases: [
      {
        title: 'a lease that has expired, until somebody takes it',
        series: {
          [exporter('sluice_lease_held', { shard: dataset })]: values([10, 1], [10, 0], [10, 1]),
          [exporter('sluice_lease_expires_timestamp_seconds', { shard: dataset })]: [
            rising(10, 30, 60),
            values([10, 570]),
            rising(10, 1230, 60),
          ].join(' '),
        },
        looks: { 9: [], 11: [], 12: [nobodySchedules()], 20: [] },
      },
      {
        title: 'a lease that nobody has held for a week',
        everyMinutes: 60,
        series: {
          [exporter('sluice_lease_held', { shard: dataset })]: values([172, 0]),
          [exporter('sluice_lease_expires_timestamp_seconds', { shard: dataset })]: values([
            172, 0,
          ]),
        },
        looks: { 10_020: [nobodySchedules()], 10_080: [] },
      },
    ],
  },
  SluiceTwoLeaseHolders: {
    ...platform,
    severity: 'page',
    symptom: 'two-lease-holders',
    dashboard: 'source',
    cases: [
      {
        title: 'two watchers that both say so, for longer than a takeover lasts',
        series: {
          [worker('sluice_worker_lease_held', { shard: dataset })]: values([25, 1]),
          [worker('sluice_worker_lease_held', { shard: dataset, instance: 'other:9465' })]: values(
            [5, 0],
            [10, 1],
            [10, 0],
          ),
        },
        looks: {
          4: [],
          5: [],
          6: [
            {
              labels: { job: 'sluice-worker', shard: dataset },
              summary: 'Several watchers schedule core/maxExchanges',
              description:
                '2 processes say that they hold its lease, and have for a minute. Fencing keeps them from storing twice; the source is asked twice.',
            },
          ],
          15: [],
        },
      },
    ],
  },
  SluiceFencedWrites: {
    ...platform,
    severity: 'ticket',
    symptom: 'fenced-writes',
    dashboard: 'source',
    cases: [
      {
        title: 'writes that were refused, for an hour',
        everyMinutes: 10,
        series: {
          [worker('sluice_worker_fenced_writes_total', { shard: dataset })]: values(
            [10, 0],
            [20, 3],
          ),
        },
        looks: {
          90: [],
          110: [
            {
              labels: { job: 'sluice-worker', shard: dataset },
              summary: 'Writes for core/maxExchanges were refused',
              description:
                'Writes in the past hour of a process whose claim another had taken over: 3. Nothing was lost or doubled; a process was away for longer than its claim lasts.',
            },
          ],
          160: [],
        },
      },
    ],
  },
  SluiceWorkerDown: {
    ...platform,
    severity: 'ticket',
    symptom: 'worker-down',
    dashboard: 'source',
    cases: [
      {
        title: 'a worker that does not answer, whatever the exporter does',
        series: {
          [worker('up')]: values([5, 1], [20, 0], [5, 1]),
          [exporter('up')]: values([30, 0]),
        },
        looks: {
          4: [],
          14: [],
          15: [
            {
              labels: workerTarget,
              summary: 'The worker at worker:9465 does not answer',
              description:
                'No scrape of worker:9465 has been answered for 10 minutes. Another worker takes its leases over; without one, SluiceNoLeaseHolder pages.',
            },
          ],
          25: [],
        },
      },
    ],
  },
};

function nobodySchedules() {
  return {
    labels: { ...exporterTarget, shard: dataset },
    summary: 'Nobody schedules core/maxExchanges',
    description:
      'No watcher has held the lease of core/maxExchanges for 2 minutes: what is due is not asked for.',
  };
}
