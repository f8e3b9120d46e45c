import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** Of each dataset that was ever asked for. */
export const datasetMetrics = {
  nextDue: {
    name: 'sluice_dataset_next_due_timestamp_seconds',
    help: 'When the business day is, or was, due that follows the newest finished one: in the past, the dataset waits for it.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  grace: {
    name: 'sluice_dataset_grace_seconds',
    help: 'For how long after it is due a business day is only late.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  newestDueDay: {
    name: 'sluice_dataset_newest_due_day_timestamp_seconds',
    help: 'The newest business day that is due: its date at midnight UTC.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  newestFinishedDay: {
    name: 'sluice_dataset_newest_finished_day_timestamp_seconds',
    help: 'The newest business day that is finished, answered as a whole after it was due: its date at midnight UTC.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  lastChecked: {
    name: 'sluice_dataset_last_checked_timestamp_seconds',
    help: 'When the source last answered for one of the 31 newest due business days, whether anything was new or not.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  lastChanged: {
    name: 'sluice_dataset_last_change_timestamp_seconds',
    help: 'When anything of the dataset was last stored: first values, revisions, withdrawals.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
  remaining: {
    name: 'sluice_backfill_remaining_windows',
    help: 'Business days, from the first that was ever asked for to the newest due one, of which there is no answer yet.',
    kind: 'gauge',
    labelNames: ['dataset'],
  },
} as const satisfies DeclaredMetrics;

const datasetRow = z
  .object({
    dataset: z.string(),
    next_due: z.number(),
    grace: z.number(),
    newest_due_day: z.number(),
    newest_finished_day: z.number().nullable(),
    last_checked: z.number().nullable(),
    last_changed: z.number().nullable(),
    remaining: z.int(),
  })
  .transform(({ dataset, ...row }) => ({ ...row, labels: { dataset } }));

/** Tells how fresh each dataset is, when more is due, and what is still to be fetched. */
export function datasetCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'datasets',
    sql: `select dataset, remaining_days as remaining, extract(epoch from next_due_at)::float8 as next_due,
        extract(epoch from grace)::float8 as grace, extract(epoch from newest_day)::float8 as newest_due_day,
        extract(epoch from newest_finished_day)::float8 as newest_finished_day,
        extract(epoch from last_checked_at)::float8 as last_checked,
        -- Before anything was stored.
        extract(epoch from nullif(last_changed_at, '-infinity'))::float8 as last_changed
      from ops.metrics_dataset_v1 order by dataset`,
    row: datasetRow,
    families: (rows) => [
      familyOfRows(datasetMetrics.nextDue, rows, (row) => row.next_due),
      familyOfRows(datasetMetrics.grace, rows, (row) => row.grace),
      familyOfRows(datasetMetrics.newestDueDay, rows, (row) => row.newest_due_day),
      familyOfRows(datasetMetrics.newestFinishedDay, rows, (row) => row.newest_finished_day),
      familyOfRows(datasetMetrics.lastChecked, rows, (row) => row.last_checked),
      familyOfRows(datasetMetrics.lastChanged, rows, (row) => row.last_changed),
      familyOfRows(datasetMetrics.remaining, rows, (row) => row.remaining),
    ],
  });
}
