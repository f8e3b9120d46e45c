import type { PostgresMigrations } from '@sluice/warehouse/postgres';

/**
 * Who may do what in `jao`, and with the outbox. Observations and all histories are append-only for
 * everybody but the owner, and so is what an event says; readers read, and see no outbox.
 */
const grants = `
grant usage on schema jao to sluice_worker, sluice_reader, sluice_metrics;

grant select on all tables in schema jao to sluice_worker, sluice_reader, sluice_metrics;
alter default privileges in schema jao grant select on tables to sluice_worker, sluice_reader, sluice_metrics;

grant insert on jao.observation, jao.key_set, jao.day_key_set, jao.day_range to sluice_worker;
grant insert on jao.absence_record, jao.absence_withdrawal to sluice_worker;
grant insert, update on jao.dataset_day to sluice_worker;
grant insert, update (last_seen_at) on jao.series to sluice_worker;
grant update (last) on jao.clock to sluice_worker;
grant execute on function jao.ensure_partitions, jao.refresh_wide_view, jao.refresh_statistics, jao.rebuild_ranges,
  jao.news_of_day to sluice_worker;

grant select, insert on ops.outbox to sluice_worker;
grant update (state, waits_since, tries, next_try_at, lease_token, leased_until, last_tried_at, last_status,
  last_failure, settled_at) on ops.outbox to sluice_worker;
grant select, update on ops.outbox_switch to sluice_worker;
grant execute on function ops.forget_events to sluice_worker;

grant select on ops.metrics_dataset_v1, ops.metrics_completeness_v1, ops.metrics_series_v1, ops.metrics_outbox_v1
  to sluice_metrics;
grant execute on function jao.metrics_completeness to sluice_metrics;
`;

/** The schema that this app owns, for `migratePostgres`. */
export const jaoMigrations: PostgresMigrations = {
  component: 'jao-scraper',
  folder: new URL('../../migrations/', import.meta.url),
  grants,
};
