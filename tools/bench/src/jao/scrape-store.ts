import { warehouseStatusSchema, zeroTotals } from '@sluice/schemas';
import type { WarehouseStatus } from '@sluice/schemas';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { addRun, makeHome } from './home.ts';
import type { JaoContext } from './jao-case.ts';

/** Each is a sample, when none is left out. */
export const scrapedSeries = 20_000;
const ledgerFiles = 1_000;
const filesPerRun = 100;
/** As many as watch makes of a day in its first two days. */
const attemptsPerDay = 60;

/** What an exporter is to tell of: a database, and the status file of a warehouse of votes. */
export interface ScrapeStore {
  /** To connect with as `sluice_metrics`. */
  readonly url: string;
  readonly statusFile: string;
  readonly attempts: number;
  readonly close: () => Promise<void>;
}

/** Makes a database under `folder` with so many attempts, and the days that they were for. */
export async function makeScrapeStore(
  context: JaoContext,
  attempts: number,
  folder: string,
): Promise<ScrapeStore> {
  return makeHome(context, folder, async (db) => {
    await fill(db, attempts);
    const statusFile = join(folder, 'warehouse.db.status.json');
    await writeFile(statusFile, JSON.stringify(makeStatus()));
    return { url: db.url('metrics'), statusFile, attempts, close: () => db.close() };
  });
}

async function fill(db: PostgresDatabase, attempts: number): Promise<void> {
  const days = Math.ceil(attempts / attemptsPerDay);
  const ofDataset = `from jao.dataset d where d.region = 'core' and d.dataset = 'maxExchanges'`;
  await addRun(db);
  await db.run(
    `insert into ops.attempt (run_id, dataset, business_day, window_start, window_end, origin, url, started_at, ended_at,
       outcome, contract_version)
     select r.run_id, 'core/maxExchanges', now()::date - n % $2::int, now(), now() + interval '1 day', '', '', now(),
       now(), 'unchanged', '1'
     from ops.run r cross join generate_series(1, $1::int) n`,
    [attempts, days],
  );
  await db.run(
    `insert into jao.series (dataset_id, region, dataset, key, unit, first_seen_at, last_seen_at)
     select d.dataset_id, d.region, d.dataset, format('border_%s', n), d.unit, now(), now()
     from generate_series(1, $1::int) n, lateral (select d.* ${ofDataset}) d`,
    [scrapedSeries],
  );
  await db.run(
    `insert into jao.key_set (dataset_id, series_ids, keys_hash)
     select dataset_id, array_agg(series_id order by series_id), sha256('bench') from jao.series group by dataset_id`,
  );
  await db.run(
    `insert into jao.dataset_day (dataset_id, business_day, state, whole, finished, cells, read, duplicate, quarantined,
       attempt_id, asked_at, first_answered_at, key_set_id, first_known_from, last_known_from)
     select k.dataset_id, now()::date - n, 'complete', true, true, $2, $2, 0, 0, 1, now(), now(), k.key_set_id, now(), now()
     from jao.key_set k cross join generate_series(0, $1::int - 1) n`,
    [days, scrapedSeries * 24],
  );
  await db.run(
    `insert into jao.day_key_set (dataset_id, business_day, known_from, key_set_id)
     select dataset_id, business_day, first_known_from, key_set_id from jao.dataset_day`,
  );
  await db.run(
    `insert into jao.day_range
       (dataset_id, business_day, known_from, part, series_ids, state, delivery_start, delivery_end, cells, since)
     select dd.dataset_id, dd.business_day, dd.first_known_from, 1, k.series_ids, 'present', bounds.starts_at,
       bounds.ends_at, extract(epoch from bounds.ends_at - bounds.starts_at)::int / 3600, dd.first_known_from
     from jao.dataset_day dd
     join jao.key_set k using (key_set_id)
     cross join lateral (
       select dd.business_day::timestamp at time zone 'Europe/Amsterdam' as starts_at,
         (dd.business_day + 1)::timestamp at time zone 'Europe/Amsterdam' as ends_at
     ) bounds
     where dd.business_day > now()::date - 60`,
  );
  // As autovacuum does within a minute, of all tables: with what it knows then, Postgres plans otherwise.
  await db.run('analyze');
}

/** A status file of a ledger with as many files as fit into it. */
function makeStatus(): WarehouseStatus {
  const at = new Date().toISOString();
  const file = { ...zeroTotals, sha256: null, bytes: 1, outcome: 'ingested' };
  const files = Array.from({ length: filesPerRun }, (_, n) => ({ ...file, path: `votes-${n}` }));
  const run = {
    command: 'ingest',
    outcome: 'succeeded',
    startedAt: at,
    endedAt: at,
    appVersion: '1',
    contractVersion: '1',
    error: null,
    totals: zeroTotals,
    files,
    drift: [],
  };
  return warehouseStatusSchema.parse({
    schemaVersion: 1,
    dataset: 'votes',
    writtenAt: at,
    appVersion: '1',
    contractVersion: '1',
    warehouse: { file: 'warehouse.db', sizeBytes: 1 },
    contents: { rows: 1, unloadedRows: 0, runs: 10, files: ledgerFiles, conflicts: 0 },
    totals: zeroTotals,
    runsByOutcome: { succeeded: ledgerFiles / filesPerRun, failed: 0, abandoned: 0 },
    filesByOutcome: { ingested: ledgerFiles, already_ingested: 0, refused: 0, unloaded: 0 },
    openQuarantine: { entries: 0, oldestAt: null, byReason: {} },
    freshness: { newestVoteAt: null, lastSucceededAt: at },
    checks: [],
    runs: Array.from({ length: ledgerFiles / filesPerRun }, () => ({
      ...run,
      runId: randomUUID(),
    })),
  });
}
