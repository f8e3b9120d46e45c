import type { PostgresMigrations } from '@sluice/warehouse/postgres';

/**
 * Who may do what in `jao`. Observations and all histories are append-only for everybody but
 * the owner; readers read.
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
grant execute on function jao.ensure_partitions, jao.refresh_wide_view, jao.refresh_statistics, jao.rebuild_ranges
  to sluice_worker;

grant select on ops.metrics_dataset_v1, ops.metrics_completeness_v1, ops.metrics_series_v1 to sluice_metrics;
grant execute on function jao.metrics_completeness to sluice_metrics;
`;

/** The schema that this app owns, for `migratePostgres`. */
export const jaoMigrations: PostgresMigrations = {
  component: 'jao-scraper',
  folder: new URL('../../migrations/', import.meta.url),
  grants,
};
