import { exporter, exporterTarget, rising, values } from '../alert-case.ts';
import type { AlertExpectation, FiringAlert } from '../alert-case.ts';

const dataset = 'core/maxExchanges';
const labels = { ...exporterTarget, dataset };
const ofVotes = { dataset: 'votes', warehouse: 'w.db' };
const check = { ...ofVotes, check: 'votes.date.gaps', scope: 'table' };

function passed(severity: string): string {
  return exporter('sluice_check_passed', { ...check, severity });
}

const violations = exporter('sluice_check_violations', check);

function revisions(kind: string): string {
  return exporter('sluice_revisions_total', { dataset, kind });
}

function quarantined(of: Readonly<Record<string, string>>, outcome = 'quarantined'): string {
  return exporter('sluice_ingest_rows_total', { ...of, outcome });
}

const revisedInAnHour: FiringAlert = {
  labels,
  summary: 'The source revises core/maxExchanges far more than usual',
  description:
    '0.17 cells a second were revised or withdrawn in the past hour: more than ten times the mean of 30 days, and more than 100 in that hour.',
};

/** What is to be said about what was lost, put aside, failed, revised, or changed its form. */
export const qualityExpectations: Readonly<Record<string, AlertExpectation>> = {
  SluiceRowsLost: {
    severity: 'page',
    audience: 'platform',
    symptom: 'rows-lost',
    dashboard: 'ingest',
    cases: [
      {
        title: 'records of which nobody knows what became of them',
        series: {
          [exporter('sluice_ingest_rows_unaccounted', ofVotes)]: values(
            [5, 0],
            [10, 1_234_567],
            [10, 0],
          ),
        },
        looks: {
          4: [],
          6: [],
          7: [
            {
              labels: { ...exporterTarget, ...ofVotes },
              summary: 'votes in w.db: records are unaccounted for',
              description:
                'Records or cells that were read, and of which the ledger does not know what became: 1234567. A negative number is of more than were read.',
            },
          ],
          15: [],
        },
      },
    ],
  },
  SluiceLedgerDiffers: {
    severity: 'page',
    audience: 'platform',
    symptom: 'rows-lost',
    dashboard: 'quality',
    cases: [
      {
        title: 'differences that were never counted before',
        everyMinutes: 10,
        series: {
          [exporter('sluice_ledger_differences_total', { dataset })]: values([10, 0], [200, 3]),
        },
        looks: {
          90: [],
          100: [
            {
              labels,
              summary: 'core/maxExchanges: the ledger and the data differ',
              description:
                'Sums of attempts that are not what is stored, as runs of the past day found: 3.',
            },
          ],
          1540: [],
        },
      },
      {
        title: 'more of them than a day ago',
        everyMinutes: 10,
        series: {
          [exporter('sluice_ledger_differences_total', { dataset })]: values([200, 3], [200, 5]),
        },
        looks: {
          1990: [],
          2000: [
            {
              labels,
              summary: 'core/maxExchanges: the ledger and the data differ',
              description:
                'Sums of attempts that are not what is stored, as runs of the past day found: 2.',
            },
          ],
          3440: [],
        },
      },
      {
        title: 'as many as ever, a day of scrapes missing',
        everyMinutes: 10,
        series: {
          [exporter('sluice_ledger_differences_total', { dataset })]: values(
            [100, 3],
            [150, undefined],
            [200, 3],
          ),
        },
        looks: { 2500: [], 3000: [], 3940: [] },
      },
      {
        title: 'more of them than before an hour of missing scrapes',
        everyMinutes: 10,
        series: {
          [exporter('sluice_ledger_differences_total', { dataset })]: values(
            [100, 3],
            [6, undefined],
            [200, 4],
          ),
        },
        looks: {
          990: [],
          1060: [
            {
              labels,
              summary: 'core/maxExchanges: the ledger and the data differ',
              description:
                'Sums of attempts that are not what is stored, as runs of the past day found: 1.',
            },
          ],
          2500: [],
        },
      },
    ],
  },
  SluiceQuarantineGrowing: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'quarantine',
    dashboard: 'quality',
    cases: [
      {
        title: 'more than 100 entries in an hour, and not fewer, nor records that are none',
        everyMinutes: 10,
        series: {
          [quarantined(ofVotes)]: values([10, 50], [50, 250]),
          [quarantined(ofVotes, 'accepted')]: rising(60, 0, 1000),
          [quarantined({ dataset })]: values([10, 50], [50, 110]),
        },
        looks: {
          90: [],
          120: [
            {
              labels: { ...exporterTarget, ...ofVotes },
              summary: 'Quarantine of votes in w.db grows',
              description:
                '200 records or cells broke their contract in the past hour; more than 100 is unusual.',
            },
          ],
          160: [],
        },
      },
    ],
  },
  SluiceQuarantineOld: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'quarantine',
    dashboard: 'quality',
    cases: [
      {
        title: 'an entry that is a day old, until it is decided',
        everyMinutes: 30,
        series: {
          [exporter('sluice_quarantine_oldest_timestamp_seconds', {
            dataset,
            reason: 'not_a_number',
          })]: values([60, 3600]),
          [exporter('sluice_quarantine_oldest_timestamp_seconds', { dataset, reason: 'bad_key' })]:
            values([100, 100_000]),
        },
        looks: {
          1500: [],
          1530: [
            {
              labels,
              summary: 'Nobody decides about quarantine of core/maxExchanges',
              description:
                'The oldest open entry has waited for 1d 0h 30m 0s; each is to be replayed, released or discarded within a day.',
            },
          ],
          1800: [],
        },
      },
    ],
  },
  SluiceCheckFailed: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'check-failed',
    dashboard: 'quality',
    cases: [
      {
        title: 'failing rows, where some are allowed',
        series: {
          [violations]: values([5, 2], [20, 7], [10, 0]),
          [passed('error')]: values([5, 1], [20, 0], [10, 1]),
          [passed('warn')]: values([25, 0], [10, 1]),
        },
        looks: {
          4: [],
          9: [],
          10: [
            {
              labels: { ...exporterTarget, ...check },
              summary: 'votes.date.gaps fails on votes in w.db',
              description:
                'Its newest result crossed its level of an error (scope: table): rows that fail: 7.',
            },
          ],
          25: [],
        },
      },
      {
        title: 'a check that could not be evaluated',
        series: { [passed('error')]: values([5, 1], [20, 0], [10, 1]) },
        looks: {
          4: [],
          9: [],
          10: [
            {
              labels: { ...exporterTarget, ...check },
              summary: 'votes.date.gaps fails on votes in w.db',
              description:
                'Its newest result crossed its level of an error (scope: table): it counts no rows, or could not be evaluated.',
            },
          ],
          25: [],
        },
      },
    ],
  },
  SluiceCheckWarned: {
    severity: 'info',
    audience: 'data',
    symptom: 'check-failed',
    dashboard: 'quality',
    cases: [
      {
        title: 'a warning, unless it is an error too',
        series: {
          [violations]: values([5, 2], [30, 7]),
          [passed('warn')]: values([5, 1], [25, 0], [10, 1]),
          [passed('error')]: values([15, 1], [5, 0], [20, 1]),
        },
        looks: {
          4: [],
          9: [],
          10: [
            {
              labels: { ...exporterTarget, ...check },
              summary: 'votes.date.gaps warns about votes in w.db',
              description:
                'Its newest result crossed its level of a warning (scope: table): rows that fail: 7.',
            },
          ],
          15: [],
          30: [],
        },
      },
      {
        title: 'a warning that counts no rows',
        series: {
          [passed('warn')]: values([5, 1], [25, 0], [10, 1]),
          [passed('error')]: values([40, 1]),
        },
        looks: {
          9: [],
          10: [
            {
              labels: { ...exporterTarget, ...check },
              summary: 'votes.date.gaps warns about votes in w.db',
              description:
                'Its newest result crossed its level of a warning (scope: table): it counts no rows.',
            },
          ],
          30: [],
        },
      },
    ],
  },
  SluiceRevisionStorm: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'revision-storm',
    dashboard: 'dataset',
    cases: [
      {
        title: 'a hundred times as many revisions as usual, for an hour',
        everyMinutes: 10,
        series: {
          [revisions('value')]: [rising(450, 0, 1), rising(6, 549, 100), rising(60, 1050, 1)].join(
            ' ',
          ),
          [revisions('added')]: rising(520, 0, 1000),
        },
        looks: {
          4490: [],
          4550: [revisedInAnHour],
          4620: [],
        },
      },
      {
        title: 'the first revisions of a dataset, told as 0 until then',
        everyMinutes: 10,
        series: {
          [revisions('value')]: `${values([450, 0])} ${rising(6, 100, 100)} ${values([60, 600])}`,
        },
        looks: { 4490: [], 4550: [revisedInAnHour], 4620: [] },
      },
      {
        title: 'more than usual, where the scrapes of three days ago are missing',
        everyMinutes: 10,
        series: {
          [revisions('value')]: [
            rising(10, 0, 1),
            values([20, undefined]),
            rising(420, 30, 1),
            rising(6, 549, 100),
            rising(60, 1050, 1),
          ].join(' '),
        },
        looks: { 4490: [], 4550: [revisedInAnHour], 4620: [] },
      },
      {
        title: 'nobody knows yet what is usual',
        everyMinutes: 10,
        series: { [revisions('value')]: `${rising(20, 0, 1)} ${rising(20, 119, 100)}` },
        looks: { 250: [] },
      },
      {
        title: 'as many as ever, however many',
        everyMinutes: 30,
        series: { [revisions('value')]: rising(480, 0, 100) },
        looks: { 14_300: [] },
      },
      {
        title: 'more than usual, but few',
        everyMinutes: 10,
        series: { [revisions('value')]: `${values([450, 0])} ${rising(20, 15, 15)}` },
        looks: { 4550: [] },
      },
    ],
  },
  SluiceSchemaDrift: {
    severity: 'ticket',
    audience: 'data',
    symptom: 'schema-drift',
    dashboard: 'quality',
    cases: [
      {
        title: 'a new key, for a day',
        everyMinutes: 10,
        series: {
          [exporter('sluice_drift_newest_timestamp_seconds', { dataset, kind: 'new_key' })]: values(
            [10, undefined],
            [200, 600],
          ),
        },
        looks: {
          90: [],
          100: [
            {
              labels: { ...labels, kind: 'new_key' },
              summary: 'The source of core/maxExchanges has changed its form: new_key',
              description:
                'First seen 1h 30m 0s ago: something that the contract does not know (new_key). It cost no value; a person decides whether the contract is to know it.',
            },
          ],
          1450: [],
        },
      },
    ],
  },
};
