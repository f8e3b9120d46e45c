import type { MetricFamily } from '@sluice/metrics';
import { PostgresError } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';

/** What is told of the views themselves. */
export const viewMetrics = {
  present: {
    name: 'sluice_exporter_source_present',
    help: 'Whether the database has the view that the collector reads: 0 before the app that owns it has migrated, or once it has only a newer version.',
    kind: 'gauge',
    labelNames: ['collector'],
  },
} as const satisfies DeclaredMetrics;

/** What a collector reads, and what it makes of it. */
export interface ViewReading<Row> {
  /** Its label in the metrics about collectors. */
  readonly name: string;
  /** One statement, on versioned views of schema ops only. */
  readonly sql: string;
  readonly row: z.ZodType<Row>;
  readonly families: (rows: readonly Row[]) => readonly MetricFamily[];
}

/** Reads a view of the database, at one moment; cancelled there when the scrape's time is up. */
export function viewCollector<Row>(
  db: PostgresDatabase,
  { name, sql, row, families }: ViewReading<Row>,
): Collector {
  const presence = (isPresent: boolean): MetricFamily =>
    familyOf(viewMetrics.present, [[{ collector: name }, isPresent ? 1 : 0]]);
  return {
    name,
    collect: async (signal) => {
      try {
        const rows = await db.read((tx) => tx.rows(row, sql), { signal });
        return [presence(true), ...families(rows)];
      } catch (error) {
        if (error instanceof PostgresError && error.code === 'MISSING_SCHEMA') {
          return [presence(false)];
        }
        throw error instanceof z.ZodError ? rowError(error) : error;
      }
    },
  };
}

/** In one line, and without the row: it may hold anything. */
function rowError(cause: z.ZodError): TypeError {
  const [issue] = cause.issues;
  return new TypeError(
    `a row is not as the view promises: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    { cause },
  );
}
