import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';

/** Whether there is a database. */
export const databaseMetrics = {
  up: {
    name: 'sluice_up',
    help: 'Whether the database answered this scrape in time.',
    kind: 'gauge',
    labelNames: [],
  },
  clock: {
    name: 'sluice_database_clock_timestamp_seconds',
    help: 'The clock of the database, by which all times of its ledger are told.',
    kind: 'gauge',
    labelNames: [],
  },
} as const satisfies DeclaredMetrics;

/** Asks the database for nothing but its time. */
export function databaseCollector(db: PostgresDatabase): Collector {
  return {
    name: 'database',
    whenFailed: [familyOf(databaseMetrics.up, [[{}, 0]])],
    collect: async (signal) => {
      const { now } = await db.read(
        (tx) =>
          tx.row(
            z.object({ now: z.number() }),
            'select extract(epoch from clock_timestamp())::float8 as now',
          ),
        { signal },
      );
      return [
        familyOf(databaseMetrics.up, [[{}, 1]]),
        familyOf(databaseMetrics.clock, [[{}, now]]),
      ];
    },
  };
}
