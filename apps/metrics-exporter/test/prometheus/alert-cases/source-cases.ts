import { exporter, exporterTarget, rising, values } from '../alert-case.ts';
import type { AlertExpectation, FiringAlert } from '../alert-case.ts';

const dataset = 'core/maxExchanges';
const origin = 'https://source.example';
const pausedUntil = exporter('sluice_origin_paused_until_timestamp_seconds', { origin });
const platform = { audience: 'platform' } as const;

/** What is to be said about the ways to the source and to receivers. */
export const sourceExpectations: Readonly<Record<string, AlertExpectation>> = {
  SluiceSourceThrottled: {
    ...platform,
    severity: 'ticket',
    symptom: 'source-throttled',
    dashboard: 'source',
    cases: [
      {
        title: 'one request of ten is one too many',
        everyMinutes: 10,
        series: {
          [exporter('sluice_source_attempts_total', { dataset, outcome: 'http_429' })]: [
            values([10, 0]),
            rising(10, 1, 1),
            values([20, 10]),
          ].join(' '),
          [exporter('sluice_source_attempts_total', { dataset, outcome: 'stored' })]: rising(
            40,
            0,
            9,
          ),
        },
        looks: {
          90: [],
          110: [],
          130: [
            {
              labels: exporterTarget,
              summary: 'The source refuses requests as too many',
              description:
                '10% of the requests of the past half hour were answered with 429; more than 5 % is too much.',
            },
          ],
          230: [],
        },
      },
    ],
  },
  SluiceSourceMaintenance: {
    ...platform,
    severity: 'info',
    symptom: 'source-maintenance',
    dashboard: 'source',
    cases: [
      {
        title: 'a pause of three quarters of an hour, and 40 minutes after it',
        series: { [pausedUntil]: values([10, undefined], [130, 3300]) },
        looks: {
          9: [],
          10: [askedToBeLeftAloneUntil('00:55:00')],
          93: [askedToBeLeftAloneUntil('00:55:00')],
          95: [],
        },
      },
      {
        title: 'a pause of a quarter of an hour, and 20 minutes after it',
        series: { [pausedUntil]: values([10, undefined], [130, 1500]) },
        looks: {
          9: [],
          10: [askedToBeLeftAloneUntil('00:25:00')],
          43: [askedToBeLeftAloneUntil('00:25:00')],
          45: [],
        },
      },
      {
        title: 'a minute, and then nine of them, every 39 minutes',
        series: {
          [pausedUntil]: values([39, 60], [39, 2400], [39, 4740], [39, 117 * 60 + 9 * 60]),
        },
        looks: { 0: [], 1: [], 39: [], 60: [], 78: [], 117: [], 120: [], 130: [], 150: [] },
      },
    ],
  },
  SluiceSourceMaintenanceLong: {
    ...platform,
    severity: 'ticket',
    symptom: 'source-maintenance',
    dashboard: 'source',
    cases: [
      {
        title: 'pauses without end',
        everyMinutes: 10,
        series: {
          [pausedUntil]: [rising(40, 900, 600), values([10, 24_300])].join(' '),
        },
        looks: {
          350: [],
          360: [
            {
              labels: { ...exporterTarget, origin },
              summary: 'https://source.example has wanted to be left alone for 6 hours',
              description:
                'It last said so until 1970-01-01 06:15:00 +0000 UTC, again and again for 6 hours: its operator may know why.',
            },
          ],
          450: [],
        },
      },
    ],
  },
  SluiceAttemptStuck: {
    ...platform,
    severity: 'ticket',
    symptom: 'attempt-stuck',
    dashboard: 'source',
    cases: [
      {
        title:
          'a request that is out for more than a quarter of an hour, until it is taken for dead',
        series: {
          [exporter('sluice_source_attempts_oldest_start_timestamp_seconds', { dataset })]: values(
            [30, 600],
            [10, 1800],
          ),
        },
        looks: {
          25: [],
          26: [
            {
              labels: { ...exporterTarget, dataset },
              summary: 'A request for core/maxExchanges does not end',
              description:
                'It went out 16m 0s ago; a request may take 2 minutes. Its process hangs, or died, and nobody has taken its claim over.',
            },
          ],
          30: [],
        },
      },
    ],
  },
  SluiceOutboxStuck: {
    ...platform,
    severity: 'ticket',
    symptom: 'outbox-stuck',
    dashboard: 'source',
    cases: [
      {
        title: 'an event that waits for more than a quarter of an hour, until it is delivered',
        series: { [exporter('sluice_outbox_oldest_timestamp_seconds')]: values([40, 600]) },
        looks: {
          25: [],
          30: [],
          31: [
            {
              labels: exporterTarget,
              summary: 'Events are not delivered',
              description: 'The oldest event that waits for its delivery was written 21m 0s ago.',
            },
          ],
          50: [],
        },
      },
    ],
  },
  SluiceOutboxDead: {
    ...platform,
    severity: 'ticket',
    symptom: 'outbox-stuck',
    dashboard: 'source',
    cases: [
      {
        title: 'events that were given up, until they are replayed',
        series: { [exporter('sluice_outbox_dead')]: values([5, 0], [15, 2], [5, 0]) },
        looks: {
          4: [],
          9: [],
          10: [
            {
              labels: exporterTarget,
              summary: 'Events were given up',
              description:
                'Events that could not be delivered: 2. They are not tried again until somebody replays them.',
            },
          ],
          20: [],
        },
      },
    ],
  },
};

function askedToBeLeftAloneUntil(time: string): FiringAlert {
  return {
    labels: { ...exporterTarget, origin },
    summary: 'https://source.example asked to be left alone',
    description: `An answer of its own asked for that until 1970-01-01 ${time} +0000 UTC. Alerts that follow from this are silenced until 20 minutes after that, or 40 where more than 20 minutes were asked for.`,
  };
}
