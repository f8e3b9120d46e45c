import type { BusinessDay } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { heartbeatTtlMs } from '../collect/claim-keeper.ts';
import type { CheckId, Findings } from './findings.ts';

interface LedgerCheck {
  readonly id: CheckId;
  /** Gives dataset, business_day and message of each offender; $1 is how old a heartbeat may be. */
  readonly sql: string;
}

/** A run that has ended, or has not said for too long that it lives. */
const isDead = `(r.run_id is null or r.outcome <> 'running'
  or r.heartbeat_at < clock_timestamp() - make_interval(secs => $1::float8 / 1000))`;

const ledgerChecks: readonly LedgerCheck[] = [
  {
    id: 'runs.ended',
    sql: `select r.dataset, null::date as business_day, r.run_id || ' (' || r.command || ')' as message
          from ops.run r where r.app = 'jao-scraper' and r.outcome = 'running' and ${isDead}`,
  },
  {
    id: 'attempts.ended',
    sql: `select a.dataset, a.business_day, 'attempt ' || a.attempt_id as message
          from ops.attempt a left join ops.run r using (run_id)
          where a.outcome = 'running' and ${isDead}`,
  },
  {
    id: 'claims.released',
    sql: `select c.dataset, c.business_day, 'claim of run ' || c.run_id as message
          from ops.claim c left join ops.run r using (run_id)
          where c.claimed_until <= clock_timestamp() and ${isDead}`,
  },
  {
    id: 'key_sets.sound',
    sql: `select d.region || '/' || d.dataset as dataset, null::date as business_day,
                 'set ' || ks.key_set_id as message
          from jao.key_set ks join jao.dataset d using (dataset_id)
          where $1::float8 is not null
            and (ks.keys_hash <> sha256(convert_to(array_to_string(ks.series_ids, ','), 'UTF8'))
              or exists (select from unnest(ks.series_ids) as member (series_id)
                         left join jao.series s on s.series_id = member.series_id
                         where s.dataset_id is distinct from ks.dataset_id))`,
  },
];

const offenderRow = z.object({
  dataset: z.string().nullable(),
  business_day: z.string().nullable(),
  message: z.string(),
});

/** What of the ledger is to be verified: the rest may be another's business. */
export interface LedgerScope {
  /** The days of each dataset, by its name. */
  readonly days: ReadonlyMap<string, ReadonlySet<BusinessDay>>;
}

/** Looks for what runs have left behind. */
export async function checkLedger(
  db: Queryable,
  { days }: LedgerScope,
  findings: Findings,
): Promise<void> {
  for (const { id, sql } of ledgerChecks) {
    const offenders = await db.rows(offenderRow, `${sql} order by 1, 2, 3`, [heartbeatTtlMs]);
    for (const { dataset, business_day: businessDay, message } of offenders) {
      const isInScope =
        dataset === null ||
        (businessDay === null ? days.has(dataset) : days.get(dataset)?.has(businessDay) === true);
      if (isInScope) {
        findings.add(id, { dataset, businessDay }, message);
      }
    }
  }
}
