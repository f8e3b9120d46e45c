import { businessDayBounds } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import type { PostgresDatabase, PostgresTransaction } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { randomUUID } from 'node:crypto';

import { createJaoDatabase } from '../store/test-database.ts';
import { discardReason } from './history.ts';
import type { History } from './history.ts';

/** A database in which a history has happened, opened as its owner. */
export async function createDatabaseWith(
  contract: DatasetContract,
  history: History,
): Promise<{ readonly database: TestDatabase; readonly owner: PostgresDatabase }> {
  const database = await createJaoDatabase();
  const owner = await openAs(database, 'owner');
  await writeHistory(owner, contract, history);
  return { database, owner };
}

async function writeHistory(
  db: PostgresDatabase,
  contract: DatasetContract,
  history: History,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into ops.run (run_id, app, command, app_version, contract_version, host, process_id, process_mark)
       values ($1, 'jao-scraper', 'test', '1', '1', 'test', 1, 'test')`,
      [randomUUID()],
    );
    await tx.query(
      `insert into ops.attempt (run_id, dataset, business_day, window_start, window_end, origin, url, started_at,
         ended_at, outcome, quarantined, contract_version)
       select (select run_id from ops.run limit 1), $2, a.day, a.starts, a.ends, 'http://test', 'http://test/',
         coalesce(a.ended, a.starts) - interval '10 years', a.ended, a.outcome, a.quarantined, '1'
       from rows from (jsonb_to_recordset($1::jsonb)
         as (day date, starts timestamptz, ends timestamptz, ended timestamptz, outcome text, quarantined int)) with ordinality as a
       order by a.ordinality`,
      [
        JSON.stringify(
          history.attempts.map(({ day, endedMs, outcome, quarantined = 0 }) => {
            const { startMs, endMs } = businessDayBounds(contract, day);
            const window = { starts: iso(startMs), ends: iso(endMs) };
            return { day, ...window, ended: iso(endedMs), outcome, quarantined };
          }),
        ),
        contract.name,
      ],
    );
    await writeSeries(tx, contract, history);
    await tx.query(
      `insert into jao.observation (series_id, delivery_start, known_from, value, withdrawn, attempt_id)
       select s.series_id, v.delivery_start, v.known_from, v.value, v.withdrawn, 1
       from jsonb_to_recordset($1::jsonb)
         as v (key text, delivery_start timestamptz, known_from timestamptz, value float8, withdrawn boolean)
       join jao.series s on s.region = $2 and s.dataset = $3 and s.key = v.key`,
      [
        JSON.stringify(
          history.versions.map(({ key, deliveryStartMs, knownFromMs, value, withdrawn }) => ({
            key,
            delivery_start: iso(deliveryStartMs),
            known_from: iso(knownFromMs),
            value,
            withdrawn,
          })),
        ),
        contract.region,
        contract.dataset,
      ],
    );
    await tx.query(
      `insert into ops.quarantine (run_id, attempt_id, dataset, business_day, url, pointer, series_key, delivery_start,
         reason, message, raw_length, contract_version, state, created_at, decided_at, decided_by, decision_reason)
       select (select run_id from ops.run limit 1), (select min(attempt_id) from ops.attempt), $2, q.day, 'http://test/',
         '/data/0', q.key, q.delivery_start, q.reason, 'broken', 0, '1',
         case when q.decided is null then 'open' else 'discarded' end, q.created, q.decided,
         case when q.decided is not null then 'anna' end, case when q.decided is not null then $3 end
       from jsonb_to_recordset($1::jsonb)
         as q (day date, key text, delivery_start timestamptz, reason text, created timestamptz, decided timestamptz)`,
      [
        JSON.stringify(
          history.quarantine.map((part) => ({
            ...part,
            delivery_start: iso(part.deliveryStartMs),
            created: iso(part.createdMs),
            decided: iso(part.decidedMs),
          })),
        ),
        contract.name,
        discardReason,
      ],
    );
    await writeAbsences(tx, contract, history);
    await tx.query(
      'select jao.rebuild_ranges(dataset_id) from jao.dataset where region = $1 and dataset = $2',
      [contract.region, contract.dataset],
    );
  });
}

async function writeAbsences(
  tx: PostgresTransaction,
  contract: DatasetContract,
  history: History,
): Promise<void> {
  const absences = history.absences.map((absence, index) => ({
    id: index + 1,
    keys: absence.keys,
    starts: iso(absence.startMs),
    ends: iso(absence.endMs),
    reason: absence.reason,
    recorded: iso(absence.recordedMs),
    withdrawn: iso(absence.withdrawnMs),
  }));
  const given = `jsonb_to_recordset($1::jsonb) as a (id int, keys text[], starts timestamptz, ends timestamptz,
    reason text, recorded timestamptz, withdrawn timestamptz)`;
  await tx.query(
    `insert into jao.absence_record (absence_id, dataset_id, known_from, series_ids, period_start, period_end, reason,
       evidence, recorded_by)
     overriding system value
     select a.id, d.dataset_id, a.recorded,
       case when a.keys is not null then array(select s.series_id from jao.series s
         where s.dataset_id = d.dataset_id and s.key = any(a.keys) order by 1) end,
       a.starts, a.ends, a.reason, 'a notice', 'tester'
     from ${given} join jao.dataset d on d.region = $2 and d.dataset = $3`,
    [JSON.stringify(absences), contract.region, contract.dataset],
  );
  await tx.query(
    `insert into jao.absence_withdrawal (absence_id, known_from, reason, withdrawn_by)
     select a.id, a.withdrawn, 'a mistake', 'tester' from ${given} where a.withdrawn is not null`,
    [JSON.stringify(absences)],
  );
}

async function writeSeries(
  tx: PostgresTransaction,
  contract: DatasetContract,
  history: History,
): Promise<void> {
  const sets = history.keySets.map(({ day, knownFromMs, keys }) => ({
    day,
    known_from: iso(knownFromMs),
    keys: keys.toSorted(),
  }));
  const values = [JSON.stringify(sets), contract.region, contract.dataset];
  const given = `jsonb_to_recordset($1::jsonb) as g (day date, known_from timestamptz, keys text[])
    join jao.dataset d on d.region = $2 and d.dataset = $3`;
  await tx.query(
    `insert into jao.series (dataset_id, region, dataset, key, unit, first_seen_at, last_seen_at)
     select d.dataset_id, d.region, d.dataset, k, d.unit, min(g.known_from), max(g.known_from)
     from ${given} cross join unnest(g.keys) k group by d.dataset_id, k`,
    values,
  );
  await tx.query(
    `insert into jao.key_set (dataset_id, series_ids, keys_hash)
     select distinct d.dataset_id, array(select s.series_id from jao.series s
       where s.dataset_id = d.dataset_id and s.key = any(g.keys) order by 1), sha256(convert_to(g.keys::text, 'UTF8'))
     from ${given}`,
    values,
  );
  await tx.query(
    `insert into jao.day_key_set (dataset_id, business_day, known_from, key_set_id)
     select d.dataset_id, g.day, g.known_from, ks.key_set_id
     from ${given} join jao.key_set ks on ks.dataset_id = d.dataset_id and ks.keys_hash = sha256(convert_to(g.keys::text, 'UTF8'))`,
    values,
  );
}

function iso(instantMs: number | null | undefined): string | null {
  return instantMs === null || instantMs === undefined ? null : new Date(instantMs).toISOString();
}
