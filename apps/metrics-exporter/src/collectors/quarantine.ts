import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOfRows } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { ledgerMetrics } from './ledger-metrics.ts';
import { viewCollector } from './view-collector.ts';

/** Tells of entries that nobody has decided about. */
export function quarantineCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'quarantine',
    sql: `select dataset, reason, entries, extract(epoch from oldest_created_at)::float8 as oldest
      from ops.metrics_quarantine_v1 order by dataset, reason`,
    row: z
      .object({
        dataset: z.string(),
        reason: z.string(),
        entries: z.int(),
        oldest: z.number(),
      })
      .transform(({ dataset, reason, ...row }) => ({ ...row, labels: { dataset, reason } })),
    families: (rows) => [
      familyOfRows(ledgerMetrics.quarantine, rows, (row) => row.entries),
      familyOfRows(ledgerMetrics.quarantineOldest, rows, (row) => row.oldest),
    ],
  });
}
