import { layOut } from './dashboard.ts';
import type { PanelRow } from './dashboard.ts';
import { instant, ofExporter, once } from './expressions.ts';
import { numbers, series, table, timeline } from './panels.ts';
import { choice, commonVariables } from './variables.ts';
import { eitherWay, noneOr, someWait } from './wording.ts';

const chosen = 'dataset=~"$dataset"';
const eachCheck = 'dataset, check, scope, warehouse';
const eachReason = 'dataset, reason, warehouse';

/** Which checks fail, what is in quarantine, and whether the ledgers add up. */
export function qualityDashboard() {
  return layOut({
    uid: 'sluice-quality',
    title: 'Sluice: data quality',
    description: 'Which checks fail, what is in quarantine, and whether the ledgers add up.',
    variables: [
      ...commonVariables(),
      choice({
        name: 'dataset',
        label: 'Dataset',
        values:
          'label_values(sluice_dataset_newest_record_timestamp_seconds{job=~"$job"}, dataset)',
      }),
    ],
    rows: [sums(), checks(), quarantine(), surprises()],
  });
}

function sums(): PanelRow {
  return {
    title: 'Do the ledgers add up?',
    panels: [
      numbers({
        title: 'Unaccounted',
        description:
          'Records, or cells, that were read, less those of which the ledger knows what became of them.',
        unit: 'short',
        width: 8,
        limits: noneOr('rows were lost'),
        runbooks: ['rows-lost'],
        queries: [
          {
            expr: `sum(${once('dataset, warehouse', `abs(${ofExporter('sluice_ingest_rows_unaccounted', chosen)})`)})`,
            legend: 'unaccounted',
          },
        ],
      }),
      numbers({
        title: 'Differences',
        description:
          'Sums of attempts that were not what is stored, as runs found in the chosen time.',
        unit: 'short',
        width: 8,
        limits: noneOr('rows were lost'),
        runbooks: ['rows-lost'],
        queries: [
          {
            expr: `sum(${once('dataset', `increase(${ofExporter('sluice_ledger_differences_total', chosen)}[$__range])`)})`,
            legend: 'differences',
          },
        ],
      }),
      series({
        title: 'Records and cells by outcome',
        description: 'What became of what was read, in all datasets that are chosen.',
        unit: 'short',
        width: 8,
        height: 8,
        isBars: true,
        isStacked: true,
        queries: [
          {
            expr: `sum by (outcome) (${once('dataset, outcome, warehouse', `increase(${ofExporter('sluice_ingest_rows_total', chosen)}[$__rate_interval])`)})`,
            legend: '{{outcome}}',
          },
        ],
      }),
    ],
  };
}

function checks(): PanelRow {
  return {
    title: 'Does what is expected hold?',
    panels: [
      table({
        title: 'Checks that do not pass',
        description:
          'Checks whose newest result crossed a threshold: 1 of severity warn, 2 of severity error, or it could not be evaluated.',
        width: 24,
        labels: { dataset: 'Dataset', check: 'Check', scope: 'Of', warehouse: 'Warehouse' },
        runbooks: ['check-failed'],
        columns: [
          {
            title: 'Severity',
            expr: `(sum by (${eachCheck}) (1 - ${once(`${eachCheck}, severity`, ofExporter('sluice_check_passed', chosen))})) > 0`,
            unit: 'none',
            states: [
              { value: 1, word: 'warn', level: 'warning' },
              { value: 2, word: 'error', level: 'critical' },
            ],
          },
        ],
      }),
      table({
        title: 'All checks',
        description:
          'What each check last found, and when. One that has not run for 35 days is not told of any more.',
        width: 12,
        labels: { dataset: 'Dataset', check: 'Check', scope: 'Of', warehouse: 'Warehouse' },
        columns: [
          {
            title: 'Failing rows',
            expr: once(eachCheck, ofExporter('sluice_check_violations', chosen)),
            unit: 'short',
          },
          {
            title: 'Ran',
            expr: instant(eachCheck, ofExporter('sluice_check_last_run_timestamp_seconds', chosen)),
            unit: 'dateTimeFromNow',
          },
        ],
      }),
      timeline({
        title: 'Datasets over time',
        description: 'Whether all checks of severity error pass.',
        unit: 'none',
        width: 12,
        states: eitherWay('all pass', 'some fail'),
        queries: [
          {
            expr: `min by (dataset) (${ofExporter('sluice_check_passed', chosen, 'severity="error"')})`,
            legend: '{{dataset}}',
          },
        ],
      }),
    ],
  };
}

function quarantine(): PanelRow {
  return {
    title: 'What was put aside?',
    panels: [
      series({
        title: 'Open entries',
        description: 'Entries of quarantine about which nobody has decided.',
        unit: 'short',
        width: 12,
        isStacked: true,
        limits: someWait('a person is to decide'),
        runbooks: ['quarantine'],
        queries: [
          {
            expr: once(eachReason, ofExporter('sluice_quarantine_rows', chosen)),
            legend: '{{dataset}}, {{reason}}',
          },
        ],
      }),
      table({
        title: 'The oldest entries',
        description:
          'Since when the oldest open entry of each reason waits. A status file knows the oldest of all reasons only.',
        width: 12,
        labels: { dataset: 'Dataset', reason: 'Reason', warehouse: 'Warehouse' },
        runbooks: ['quarantine'],
        columns: [
          {
            title: 'Waits since',
            expr: instant(
              eachReason,
              ofExporter('sluice_quarantine_oldest_timestamp_seconds', chosen),
            ),
            unit: 'dateTimeFromNow',
          },
        ],
      }),
      series({
        title: 'Put into quarantine',
        description: 'Cells and rows of answers that broke their contract, or were held back.',
        unit: 'short',
        width: 12,
        isBars: true,
        isStacked: true,
        queries: [
          {
            expr: once(
              'dataset, reason',
              `increase(${ofExporter('sluice_quarantined_total', chosen)}[$__rate_interval])`,
            ),
            legend: '{{dataset}}, {{reason}}',
          },
        ],
      }),
      series({
        title: 'Decided',
        description: 'Entries of quarantine that were decided, by what they became.',
        unit: 'short',
        width: 12,
        isBars: true,
        isStacked: true,
        queries: [
          {
            expr: `sum by (dataset, state) (${once('dataset, reason, state', `increase(${ofExporter('sluice_quarantine_decided_total', chosen)}[$__rate_interval])`)})`,
            legend: '{{dataset}}, {{state}}',
          },
        ],
      }),
    ],
  };
}

function surprises(): PanelRow {
  return {
    title: 'What is new, and what changed?',
    panels: [
      table({
        title: 'Drift',
        description: 'Different things that a contract does not know, and that were kept.',
        width: 8,
        labels: { dataset: 'Dataset', kind: 'Kind' },
        runbooks: ['schema-drift'],
        columns: [
          {
            title: 'Things',
            expr: once('dataset, kind', ofExporter('sluice_drift_items', chosen)),
            unit: 'short',
          },
          {
            title: 'Newest seen',
            expr: instant(
              'dataset, kind',
              ofExporter('sluice_drift_newest_timestamp_seconds', chosen),
            ),
            unit: 'dateTimeFromNow',
          },
        ],
      }),
      series({
        title: 'Revisions',
        description: 'Cells that got another value, or were withdrawn.',
        unit: 'short',
        width: 8,
        isBars: true,
        runbooks: ['revision-storm'],
        queries: [
          {
            expr: once(
              'dataset, kind',
              `increase(${ofExporter('sluice_revisions_total', chosen, 'kind!="added"')}[$__rate_interval])`,
            ),
            legend: '{{dataset}}, {{kind}}',
          },
        ],
      }),
      series({
        title: 'Missing by fault',
        description:
          'Cells of the seven newest due business days: not_collected is our fault, not_provided the fault of the source, and quarantined waits for a person.',
        unit: 'short',
        width: 8,
        isStacked: true,
        runbooks: ['not-collected', 'not-provided'],
        queries: [
          {
            expr: once(
              'dataset, state',
              ofExporter(
                'sluice_dataset_cells',
                chosen,
                'window="7d"',
                'state=~"not_collected|not_provided|quarantined"',
              ),
            ),
            legend: '{{dataset}}, {{state}}',
          },
        ],
      }),
    ],
  };
}
