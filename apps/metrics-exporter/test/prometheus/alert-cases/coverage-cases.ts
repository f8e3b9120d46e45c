import { exporter, exporterTarget, rising, values } from '../alert-case.ts';
import type { AlertExpectation, FiringAlert } from '../alert-case.ts';

const dataset = 'core/maxExchanges';
const labels = { ...exporterTarget, dataset };
const ofVotes = { dataset: 'votes', warehouse: 'w.db' };

/** A dataset without grace that is fresh until one time, and from a later minute on again. */
function freshUntil(
  seconds: number,
  {
    everyMinutes,
    againAtMinute,
  }: { readonly everyMinutes: number; readonly againAtMinute: number },
): Readonly<Record<string, string>> {
  const samples = againAtMinute / everyMinutes;
  return {
    [exporter('sluice_dataset_next_due_timestamp_seconds', { dataset })]: values(
      [samples, seconds - 300],
      [samples, 6_000_000],
    ),
    [exporter('sluice_dataset_grace_seconds', { dataset })]: values([2 * samples, 300]),
  };
}

function notFresh(
  share: string,
  spoken: string,
  [percent, spent]: readonly [percent: string, spent: string],
): FiringAlert {
  return {
    labels,
    summary: 'core/maxExchanges is not fresh',
    description: `Not fresh for ${share} of the past ${spoken}, and still not. More than ${percent} of that time spends ${spent} of the 7 h 12 min that it may be not fresh in 30 days.`,
  };
}

const freshness = { audience: 'platform', symptom: 'freshness', dashboard: 'overview' } as const;

function cellsOf(window: string, state: string): string {
  return exporter('sluice_dataset_cells', { dataset, window, state });
}

/** What is to be said about what is fresh, complete and there. */
export const coverageExpectations: Readonly<Record<string, AlertExpectation>> = {
  SluiceFreshnessBurn1h: {
    ...freshness,
    severity: 'page',
    cases: [
      {
        title: 'a dataset that waits for its day, its grace over, until the day comes',
        series: {
          ...freshUntil(3600, { everyMinutes: 1, againAtMinute: 80 }),
          [cellsOf('7d', 'not_provided')]: values([100, 0]),
          [cellsOf('7d', 'not_collected')]: values([100, 0]),
          [cellsOf('7d', 'quarantined')]: values([100, 24]),
        },
        looks: {
          60: [],
          68: [],
          // Of the 61 minutes that it looks back upon, both ends included, 10.
          70: [notFresh('16.39%', 'hour', ['14.4 %', '2 %'])],
          86: [],
        },
      },
      {
        title: 'a day that the source does not provide, and that comes',
        series: {
          ...freshUntil(3600, { everyMinutes: 1, againAtMinute: 80 }),
          [cellsOf('7d', 'not_provided')]: values([61, 0], [19, 24], [20, 0]),
        },
        looks: { 70: [], 82: [] },
      },
      {
        title: 'a day that was not collected, of a dataset that is new, and that comes',
        series: {
          ...freshUntil(0, { everyMinutes: 1, againAtMinute: 20 }),
          [cellsOf('7d', 'not_collected')]: values([20, 24], [20, 0]),
        },
        looks: { 1: [], 10: [], 22: [] },
      },
      {
        title: 'a file of votes that is missing',
        series: {
          [exporter('sluice_arrival_next_missing_timestamp_seconds', ofVotes)]: values(
            [20, 600],
            [20, 6_000_000],
          ),
        },
        looks: {
          10: [],
          14: [
            {
              labels: { ...exporterTarget, ...ofVotes },
              summary: 'votes in w.db is not fresh',
              description:
                'Not fresh for 26.67% of the past hour, and still not. More than 14.4 % of that time spends 2 % of the 7 h 12 min that it may be not fresh in 30 days.',
            },
          ],
          26: [],
        },
      },
    ],
  },
  SluiceFreshnessBurn6h: {
    ...freshness,
    severity: 'page',
    cases: [
      {
        title: 'more than 21 minutes of six hours, until half an hour after the day has come',
        everyMinutes: 5,
        series: {
          ...freshUntil(360 * 60, { everyMinutes: 5, againAtMinute: 400 }),
          [cellsOf('7d', 'not_provided')]: values([160, 0]),
        },
        looks: { 360: [], 380: [], 385: [notFresh('6.849%', '6 hours', ['6 %', '5 %'])], 435: [] },
      },
      {
        title: 'a day that was not collected, and that comes',
        everyMinutes: 5,
        series: {
          ...freshUntil(360 * 60, { everyMinutes: 5, againAtMinute: 400 }),
          [cellsOf('7d', 'not_collected')]: values([73, 0], [7, 24], [80, 0]),
        },
        looks: { 385: [], 405: [] },
      },
    ],
  },
  SluiceFreshnessBurn1d: {
    ...freshness,
    severity: 'ticket',
    cases: [
      {
        title: 'more than 43 minutes of a day, until two hours after the day has come',
        everyMinutes: 10,
        series: freshUntil(1440 * 60, { everyMinutes: 10, againAtMinute: 1500 }),
        looks: { 1440: [], 1480: [], 1490: [notFresh('3.448%', 'day', ['3 %', '10 %'])], 1620: [] },
      },
    ],
  },
  SluiceFreshnessBurn3d: {
    ...freshness,
    severity: 'ticket',
    cases: [
      {
        title: 'more than 43 minutes of three days, until six hours after the day has come',
        everyMinutes: 10,
        series: freshUntil(4320 * 60, { everyMinutes: 10, againAtMinute: 4380 }),
        looks: {
          4320: [],
          4360: [],
          4370: [notFresh('1.155%', '3 days', ['1 %', '10 %'])],
          4740: [],
        },
      },
    ],
  },
  SluiceCellsNotCollected: {
    severity: 'page',
    audience: 'platform',
    symptom: 'not-collected',
    dashboard: 'dataset',
    cases: [
      {
        title: 'cells that nobody got, whatever the source has not provided',
        series: {
          [cellsOf('7d', 'not_collected')]: values([10, 0], [30, 24], [10, 0]),
          [cellsOf('7d', 'not_provided')]: values([50, 5]),
          [cellsOf('30d', 'not_collected')]: values([50, 100]),
        },
        looks: {
          9: [],
          14: [],
          15: [
            {
              labels,
              summary: 'core/maxExchanges has cells that we did not collect',
              description:
                'Cells of the 7 newest due business days that are due, their grace over, without a successful answer since: 24. This is our fault, or the way to the source is broken.',
            },
          ],
          40: [],
        },
      },
    ],
  },
  SluiceOldCellsNotCollected: {
    severity: 'ticket',
    audience: 'platform',
    symptom: 'not-collected',
    dashboard: 'dataset',
    cases: [
      {
        title: 'cells that nobody got in a week, until they are collected',
        everyMinutes: 10,
        series: {
          [cellsOf('30d', 'not_collected')]: values([20, 24], [10, 0]),
          [cellsOf('7d', 'not_collected')]: values([10, 24], [20, 0]),
        },
        looks: {
          90: [],
          150: [],
          160: [
            {
              labels,
              summary: 'core/maxExchanges has a gap that we left',
              description:
                'Cells of the business days before the 7 newest, up to 30 ago, that were never collected: 24. No successful answer has come since they were due.',
            },
          ],
          200: [],
        },
      },
    ],
  },
  SluiceCellsNotProvided: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'not-provided',
    dashboard: 'dataset',
    cases: [
      {
        title: 'cells that the source left out, whatever we have not collected',
        series: {
          [cellsOf('7d', 'not_provided')]: values([10, 0], [30, 24], [10, 0]),
          [cellsOf('7d', 'not_collected')]: values([50, 5]),
        },
        looks: {
          9: [],
          24: [],
          25: [
            {
              labels,
              summary: 'core/maxExchanges lacks cells that the source did not provide',
              description:
                'Cells of the 7 newest due business days without which the source has answered since they were due: 24.',
            },
          ],
          40: [],
        },
      },
    ],
  },
  SluiceCompletenessBelowTarget: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'incomplete',
    dashboard: 'dataset',
    cases: [
      {
        title: 'a day that lacks cells after its grace, and not before',
        series: {
          [exporter('sluice_dataset_completeness_ratio', { dataset, window: '1d' })]: values(
            [5, 1],
            [40, 0.4],
            [10, 0.995],
          ),
          [cellsOf('1d', 'late')]: values([5, 0], [20, 100], [30, 0]),
        },
        looks: {
          4: [],
          24: [],
          39: [],
          40: [
            {
              labels: { ...labels, window: '1d' },
              summary: 'core/maxExchanges is not complete at its deadline',
              description:
                'Of the newest due business day 40% of the cells have a value; 99 % is the target once its grace is over.',
            },
          ],
          45: [],
        },
      },
    ],
  },
  SluiceFileOverdue: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'file-overdue',
    dashboard: 'ingest',
    cases: [
      {
        title: 'a file that comes too late',
        series: {
          [exporter('sluice_arrival_next_missing_timestamp_seconds', ofVotes)]: values(
            [20, 600],
            [10, 6_000_000],
          ),
        },
        looks: {
          10: [],
          15: [],
          16: [
            {
              labels: { ...exporterTarget, ...ofVotes },
              summary: 'A file of votes is not there',
              description:
                'The next expected file for w.db has been missing for 6m 0s, its grace not counted.',
            },
          ],
          20: [],
        },
      },
    ],
  },
  SluiceBackfillStalled: {
    severity: 'ticket',
    audience: 'platform',
    symptom: 'backfill-stalled',
    dashboard: 'source',
    cases: [
      {
        title: 'a backfill that stands still for two hours, and goes on to its end',
        everyMinutes: 10,
        series: {
          [exporter('sluice_backfill_remaining_windows', { dataset })]: [
            rising(12, 31, -1),
            values([24, 20]),
            rising(10, 18, -2),
            values([20, 0]),
          ].join(' '),
        },
        looks: {
          100: [],
          220: [],
          250: [],
          260: [
            {
              labels,
              summary: 'The backfill of core/maxExchanges makes no progress',
              description:
                'Business days without an answer: 20. In 2 hours they have not become fewer.',
            },
          ],
          360: [],
          640: [],
        },
      },
    ],
  },
};
