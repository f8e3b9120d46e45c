import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import type { Collector } from '../gather/collector.ts';
import { attemptCollector } from './attempts.ts';
import { checkCollector } from './checks.ts';
import { completenessCollector } from './completeness.ts';
import { counterCollector } from './counters.ts';
import { databaseCollector } from './database.ts';
import { datasetCollector } from './datasets.ts';
import { driftCollector } from './drift.ts';
import { jobCollector } from './jobs.ts';
import { leaseCollector } from './leases.ts';
import { originCollector } from './origins.ts';
import { outboxCollector } from './outbox.ts';
import { quarantineCollector } from './quarantine.ts';
import { schemaCollector } from './schema-versions.ts';
import { seriesCollector } from './series.ts';

/**
 * All that is read from Postgres. They share a few connections: the one whose answer is the longest begins, and
 * the others are asked beside it, the cheapest first.
 */
export function databaseCollectors(
  db: PostgresDatabase,
  { maxSeries }: { readonly maxSeries: number },
): readonly Collector[] {
  return [
    seriesCollector(db, maxSeries),
    completenessCollector(db),
    databaseCollector(db),
    schemaCollector(db),
    jobCollector(db),
    attemptCollector(db),
    leaseCollector(db),
    originCollector(db),
    counterCollector(db),
    outboxCollector(db),
    quarantineCollector(db),
    driftCollector(db),
    checkCollector(db),
    datasetCollector(db),
  ];
}
