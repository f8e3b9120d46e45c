import { cellEntryReasons, deliveryFailures } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { dataset, fillLedger } from '../full-ledger.ts';
import { addAppViews, createEmptyDatabase, createOpsDatabase } from '../metrics-database.ts';
import { scraperOn } from '../scrape.ts';
import type { Scrape } from '../scrape.ts';

const seconds = (instant: string) => Date.parse(instant) / 1000;

describe('of a ledger on which everything has happened', () => {
  let database: TestDatabase;
  let owner: PostgresDatabase;
  let scrape: Scrape;

  beforeAll(async () => {
    ({ database, owner } = await createOpsDatabase());
    await addAppViews(owner);
    await fillLedger(owner);
  });

  afterAll(async () => {
    await owner.close();
  });

  async function scrapeOnce(maxSeries = 500): Promise<Scrape> {
    return scraperOn(database.url('metrics'), { maxSeries }).scrape();
  }

  test('each collector reads its view', async () => {
    scrape = await scrapeOnce();
    expect(scrape.failed).toEqual([]);
    expect(scrape.valuesOf('sluice_up')).toEqual({ '': 1 });
    const present = scrape.valuesOf('sluice_exporter_source_present');
    expect(new Set(Object.values(present))).toEqual(new Set([1]));
    expect(Object.keys(present)).toHaveLength(13);
    expect(scrape.valuesOf('sluice_schema_version')).toEqual({
      'component=ops': expect.any(Number) as number,
    });
  });

  test.each<[string, Readonly<Record<string, number>>]>([
    ['sluice_job_running', { 'job_name=jao-scraper backfill': 0, 'job_name=jao-scraper watch': 1 }],
    [
      'sluice_job_runs_total',
      { 'job_name=jao-scraper backfill': 1, 'job_name=jao-scraper watch': 0 },
    ],
    [
      'sluice_job_run_failures_total',
      {
        'job_name=jao-scraper backfill,reason=failed': 1,
        'job_name=jao-scraper backfill,reason=abandoned': 0,
        'job_name=jao-scraper watch,reason=failed': 0,
        'job_name=jao-scraper watch,reason=abandoned': 0,
      },
    ],
    [
      'sluice_source_attempts_total',
      {
        [`dataset=${dataset},outcome=stored`]: 1,
        [`dataset=${dataset},outcome=unchanged`]: 0,
        [`dataset=${dataset},outcome=republished`]: 0,
        [`dataset=${dataset},outcome=empty`]: 0,
        [`dataset=${dataset},outcome=not_modified`]: 0,
        [`dataset=${dataset},outcome=deferred`]: 0,
        [`dataset=${dataset},outcome=http_429`]: 0,
      },
    ],
    ['sluice_source_attempts_running', { [`dataset=${dataset}`]: 1 }],
    ['sluice_ingest_rows_read_total', { [`dataset=${dataset}`]: 9 }],
    [
      'sluice_ingest_rows_total',
      {
        [`dataset=${dataset},outcome=added`]: 6,
        [`dataset=${dataset},outcome=revised`]: 1,
        [`dataset=${dataset},outcome=unchanged`]: 0,
        [`dataset=${dataset},outcome=duplicate`]: 0,
        [`dataset=${dataset},outcome=quarantined`]: 2,
      },
    ],
    ['sluice_ingest_rows_unaccounted', { [`dataset=${dataset}`]: 0 }],
    [
      'sluice_revisions_total',
      {
        [`kind=added,dataset=${dataset}`]: 6,
        [`kind=value,dataset=${dataset}`]: 1,
        [`dataset=${dataset},kind=withdrawn`]: 0,
      },
    ],
    [
      'sluice_quarantined_total',
      {
        ...Object.fromEntries(
          cellEntryReasons
            .filter((reason) => reason !== 'not_a_number')
            .map((reason) => [`dataset=${dataset},reason=${reason}`, 0]),
        ),
        [`reason=not_a_number,dataset=${dataset}`]: 2,
      },
    ],
    [
      'sluice_quarantine_decided_total',
      {
        [`state=discarded,reason=not_a_number,dataset=${dataset}`]: 1,
        [`reason=not_a_number,dataset=${dataset},state=released`]: 0,
        [`reason=not_a_number,dataset=${dataset},state=replayed`]: 0,
      },
    ],
    ['sluice_ledger_differences_total', { [`dataset=${dataset}`]: 1 }],
    ['sluice_outbox_pending', { '': 4 }],
    ['sluice_outbox_dead', { '': 1 }],
    ['sluice_outbox_oldest_timestamp_seconds', { '': seconds('2026-03-10T12:00Z') }],
    [
      'sluice_outbox_delivered_total',
      {
        'type=revision': 2,
        'type=day_complete': 0,
        'type=gap_closed': 0,
        'type=new_keys': 0,
        'type=vanished_keys': 0,
      },
    ],
    [
      'sluice_outbox_failures_total',
      {
        ...Object.fromEntries(deliveryFailures.map((reason) => [`reason=${reason}`, 0])),
        'reason=http_5xx': 3,
      },
    ],
    ['sluice_quarantine_rows', { [`dataset=${dataset},reason=not_a_number`]: 2 }],
    ['sluice_drift_items', { [`dataset=${dataset},kind=new_key`]: 1 }],
    ['sluice_lease_held', { [`shard=${dataset}`]: 1 }],
    ['sluice_lease_token', { [`shard=${dataset}`]: 1 }],
    ['sluice_lease_info', { [`shard=${dataset},holder=host 1`]: 1 }],
    ['sluice_origin_requests_total', { 'origin=https://source.example': 1 }],
    [
      'sluice_check_passed',
      {
        [`dataset=${dataset},check=cells.fine,severity=warn`]: 1,
        [`dataset=${dataset},check=cells.fine,severity=error`]: 1,
        [`dataset=${dataset},check=cells.warns,severity=warn`]: 0,
        [`dataset=${dataset},check=cells.warns,severity=error`]: 1,
        [`dataset=${dataset},check=cells.fails,severity=warn`]: 0,
        [`dataset=${dataset},check=cells.fails,severity=error`]: 0,
        [`dataset=${dataset},check=cells.breaks,severity=warn`]: 0,
        [`dataset=${dataset},check=cells.breaks,severity=error`]: 0,
      },
    ],
    [
      'sluice_check_violations',
      {
        [`dataset=${dataset},check=cells.fine`]: 0,
        [`dataset=${dataset},check=cells.warns`]: 3,
        [`dataset=${dataset},check=cells.fails`]: 4,
      },
    ],
    [
      'sluice_dataset_next_due_timestamp_seconds',
      { [`dataset=${dataset}`]: seconds('2026-03-10T09:30Z') },
    ],
    ['sluice_dataset_grace_seconds', { [`dataset=${dataset}`]: 7_200 }],
    [
      'sluice_dataset_newest_finished_day_timestamp_seconds',
      { [`dataset=${dataset}`]: seconds('2026-03-10T00:00Z') },
    ],
    ['sluice_backfill_remaining_windows', { [`dataset=${dataset}`]: 3 }],
    ['sluice_dataset_completeness_ratio', { [`dataset=${dataset},window=1d`]: 0.5 }],
    [
      'sluice_dataset_collection_ratio',
      { [`dataset=${dataset},window=1d`]: (40 + 1 + 2) / (100 - 10 - 10 - 10) },
    ],
    ['sluice_dataset_series', { [`dataset=${dataset}`]: 3 }],
    [
      'sluice_series_last_observation_timestamp_seconds',
      {
        [`dataset=${dataset},series=border_AT_BE`]: seconds('2026-03-10T22:00Z'),
        [`dataset=${dataset},series=border_BE_AT`]: seconds('2026-03-08T22:00Z'),
      },
    ],
    [
      'sluice_dataset_newest_record_timestamp_seconds',
      { [`dataset=${dataset}`]: seconds('2026-03-10T22:00Z') },
    ],
    [
      'sluice_dataset_oldest_series_timestamp_seconds',
      { [`dataset=${dataset}`]: seconds('2026-03-08T22:00Z') },
    ],
    ['sluice_exporter_series_dropped', { [`dataset=${dataset}`]: 0 }],
  ])('%s is as it was stored', (name, values) => {
    expect(scrape.valuesOf(name)).toEqual(values);
  });

  test('a counter that only a newer app knows is left out', () => {
    expect(scrape.text).not.toContain('sluice_of_a_newer_app_total');
  });

  test('a dataset with more series than the cap is told of as a whole only, and says so', async () => {
    const capped = await scrapeOnce(2);
    expect(capped.valuesOf('sluice_series_last_observation_timestamp_seconds')).toEqual({});
    expect(capped.valuesOf('sluice_exporter_series_dropped')).toEqual({
      [`dataset=${dataset}`]: 3,
    });
    expect(capped.valuesOf('sluice_dataset_series')).toEqual({ [`dataset=${dataset}`]: 3 });
    const lifted = await scrapeOnce(0);
    expect(
      Object.keys(lifted.valuesOf('sluice_series_last_observation_timestamp_seconds')),
    ).toHaveLength(2);
    expect(lifted.valuesOf('sluice_exporter_series_dropped')).toEqual({
      [`dataset=${dataset}`]: 0,
    });
  });

  test('a row that can not be read costs its own collector only, and says why', async () => {
    const { scrape: again, failures } = scraperOn(database.url('metrics'));
    await owner.run(
      `insert into ops.counter values ('sluice_revisions_total', '{"dataset": 7}', 1)`,
    );
    const broken = await again();
    expect(broken.failed).toEqual(['counters']);
    expect(failures).toEqual([
      'counters: a row is not as the view promises: labels.dataset: Invalid input: expected string, received number',
    ]);
    expect(broken.valuesOf('sluice_job_running')).toEqual(scrape.valuesOf('sluice_job_running'));
    await owner.run(`delete from ops.counter where labels = '{"dataset": 7}'`);
    expect((await again()).failed).toEqual([]);
  });

  test('a dataset of which nothing was ever stored tells what it can', async () => {
    const { scrape: again } = scraperOn(database.url('metrics'));
    await owner.run(
      `insert into ops.stored_dataset_v1 values
         ('core/never', '2026-03-11', null, '2026-03-10 09:30Z', '2 hours', null, '-infinity', 31)`,
    );
    const { failed, valuesOf } = await again();
    expect(failed).toEqual([]);
    expect(valuesOf('sluice_backfill_remaining_windows')).toMatchObject({
      'dataset=core/never': 31,
    });
    for (const name of [
      'sluice_dataset_last_change_timestamp_seconds',
      'sluice_dataset_last_checked_timestamp_seconds',
    ]) {
      expect(Object.keys(valuesOf(name))).not.toContain('dataset=core/never');
    }
    await owner.run(`delete from ops.stored_dataset_v1 where dataset = 'core/never'`);
  });

  test('a label that vanished is in no later answer', async () => {
    const { scrape: again } = scraperOn(database.url('metrics'));
    expect((await again()).valuesOf('sluice_origin_requests_total')).not.toEqual({});
    await owner.run('delete from ops.origin');
    expect((await again()).valuesOf('sluice_origin_requests_total')).toEqual({});
  });

  test('a series that moved on, was added or ended is told so by the next answer', async () => {
    const { scrape: again } = scraperOn(database.url('metrics'));
    const told = async () =>
      (await again()).valuesOf('sluice_series_last_observation_timestamp_seconds');
    const before = await told();
    expect(await told()).toEqual(before);
    const later = `update ops.stored_series_v1 set last_observed_at = '2026-03-11T22:00Z' where series = 'border_AT_BE'`;
    await owner.run(later);
    const label = `dataset=${dataset},series=border_AT_BE`;
    expect(await told()).toEqual({ ...before, [label]: seconds('2026-03-11T22:00Z') });
    await owner.run(`delete from ops.stored_series_v1 where series = 'border_BE_AT'`);
    expect(await told()).toEqual({ [label]: seconds('2026-03-11T22:00Z') });
  });
});

describe('of a database', () => {
  test('without any schema it is up, and what is not there is no failure', async () => {
    const database = await createEmptyDatabase();
    const { scrape } = scraperOn(database.url('metrics'));
    const { failed, valuesOf } = await scrape();
    expect(failed).toEqual([]);
    expect(valuesOf('sluice_up')).toEqual({ '': 1 });
    expect(new Set(Object.values(valuesOf('sluice_exporter_source_present')))).toEqual(
      new Set([0]),
    );
  });

  test('with schema ops alone the views of apps are not there, and come when the app has migrated', async () => {
    const { database, owner } = await createOpsDatabase();
    const { scrape } = scraperOn(database.url('metrics'));
    const absent = async () => {
      const { failed, valuesOf } = await scrape();
      expect(failed).toEqual([]);
      return Object.entries(valuesOf('sluice_exporter_source_present'))
        .filter(([, value]) => value === 0)
        .map(([collector]) => collector)
        .toSorted();
    };
    expect(await absent()).toEqual([
      'collector=completeness',
      'collector=datasets',
      'collector=outbox',
      'collector=series',
    ]);
    await addAppViews(owner);
    expect(await absent()).toEqual([]);
    await owner.close();
  });

  test('where a dataset has counted anything, the growth of what alerts look at begins at 0', async () => {
    const { database, owner } = await createOpsDatabase();
    const { scrape } = scraperOn(database.url('metrics'));
    expect((await scrape()).valuesOf('sluice_revisions_total')).toEqual({});
    await owner.run(
      `insert into ops.counter values
         ('sluice_quarantined_total', '{"dataset": "core/ltn", "reason": "bad_key"}', 2)`,
    );
    const { valuesOf } = await scrape();
    expect(valuesOf('sluice_revisions_total')).toEqual({
      'dataset=core/ltn,kind=added': 0,
      'dataset=core/ltn,kind=value': 0,
      'dataset=core/ltn,kind=withdrawn': 0,
    });
    expect(valuesOf('sluice_ledger_differences_total')).toEqual({ 'dataset=core/ltn': 0 });
    expect(valuesOf('sluice_source_attempts_total')).toEqual({
      'dataset=core/ltn,outcome=http_429': 0,
    });
    const quarantined = valuesOf('sluice_quarantined_total');
    expect(Object.keys(quarantined)).toHaveLength(cellEntryReasons.length);
    expect(quarantined).toMatchObject({
      'reason=bad_key,dataset=core/ltn': 2,
      'dataset=core/ltn,reason=failed_check': 0,
    });
    expect(valuesOf('sluice_quarantine_decided_total')).toEqual({
      'reason=bad_key,dataset=core/ltn,state=released': 0,
      'reason=bad_key,dataset=core/ltn,state=discarded': 0,
      'reason=bad_key,dataset=core/ltn,state=replayed': 0,
    });
    await owner.close();
  });

  test('with newer views the old ones are read as long as they are there, with columns they did not have', async () => {
    const { database, owner } = await createOpsDatabase();
    await addAppViews(owner);
    await fillLedger(owner);
    const { scrape } = scraperOn(database.url('metrics'));
    const before = await scrape();
    await owner.run('create view ops.metrics_origin_v2 as select origin as source from ops.origin');
    await owner.run(
      `create or replace view ops.metrics_origin_v1 as
       select origin, requests, paused_until, 'more' as more from ops.origin`,
    );
    const expanded = await scrape();
    expect(expanded.failed).toEqual([]);
    expect(expanded.valuesOf('sluice_origin_requests_total')).toEqual(
      before.valuesOf('sluice_origin_requests_total'),
    );
    await owner.run('drop view ops.metrics_origin_v1');
    const contracted = await scrape();
    expect(contracted.failed).toEqual([]);
    expect(contracted.valuesOf('sluice_exporter_source_present')).toMatchObject({
      'collector=origins': 0,
      'collector=jobs': 1,
    });
    await owner.close();
  });

  test('as a role that may not, each collector says so and is alone with it', async () => {
    const { database, owner } = await createOpsDatabase();
    const { scrape, failures } = scraperOn(database.url('reader'));
    const { failed, valuesOf } = await scrape();
    expect(valuesOf('sluice_up')).toEqual({ '': 1 });
    expect(failed).toContain('jobs');
    expect(failures.find((failure) => failure.startsWith('jobs: '))).toMatch(/permission denied/);
    await owner.close();
  });

  test('which is read as sluice_metrics nothing can be written, and no table of an app is needed', async () => {
    const { database, owner } = await createOpsDatabase();
    await addAppViews(owner);
    await fillLedger(owner);
    // As for a login that may read the views, and nothing else.
    await owner.run(
      `do $do$ declare name text; begin
         for name in select relname from pg_class where relnamespace = 'ops'::regnamespace and relkind = 'r' loop
           execute format('revoke all on ops.%I from sluice_metrics', name);
         end loop;
       end $do$`,
    );
    const { scrape } = scraperOn(database.url('metrics'));
    expect((await scrape()).failed).toEqual([]);
    const metrics = await openAs(database, 'metrics');
    await expect(metrics.query('select * from ops.run')).rejects.toMatchObject({ code: 'DENIED' });
    await metrics.close();
    await owner.close();
  });
});
