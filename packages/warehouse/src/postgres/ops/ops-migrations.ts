import type { PostgresMigrations } from '../migrate-postgres.ts';
import { roleNames } from '../roles.ts';

const { worker, metrics } = roleNames;

/**
 * What the roles may do with schema `ops`. A worker deletes nothing anywhere, and changes nothing of
 * what only grows: payloads, results of checks, the
 * schema's history, and of attempts and quarantine what was found. What metrics are read from are views,
 * those that apps have added included.
 */
const grants = `
grant usage on schema ops to ${worker}, ${metrics};
revoke all on all tables in schema ops from ${worker}, ${metrics};
grant select on all tables in schema ops to ${worker};
grant insert on ops.run, ops.attempt, ops.payload, ops.claim, ops.lease, ops.origin, ops.quarantine,
  ops.drift, ops.counter, ops.check_result, ops.check_failure to ${worker};
grant update on ops.run, ops.claim, ops.lease, ops.origin, ops.drift, ops.counter to ${worker};
grant update (ended_at, outcome, http_status, retry_after_ms, wire_bytes, decoded_bytes, duration_ms,
  payload_hash, first_row_id, last_row_id, etag, last_modified, read, added, revised, withdrawn, unchanged,
  duplicate, quarantined, quarantine_entries, known_from, error) on ops.attempt to ${worker};
grant update (state, decided_at, decided_by, decision_reason, decision_run_id) on ops.quarantine to ${worker};
grant select on ops.migration, ops.run, ops.attempt, ops.claim, ops.lease, ops.origin,
  ops.quarantine, ops.drift, ops.counter, ops.check_result to ${metrics};
grant select (payload_hash, encoding, decoded_bytes, first_attempt_id, first_seen_at)
  on ops.payload to ${metrics};
do $do$
declare
  view_name text;
begin
  -- Each app adds its own.
  for view_name in
    select c.relname from pg_class c
    where c.relnamespace = 'ops'::regnamespace and c.relkind = 'v' and c.relname like 'metrics\\_%'
  loop
    execute format('grant select on ops.%I to ${metrics}', view_name);
  end loop;
end
$do$;
`;

/** The migrations of schema `ops` in Postgres: every app applies them before its own. */
export const opsPostgresMigrations: PostgresMigrations = {
  component: 'ops',
  folder: new URL('../../../sql/postgres/', import.meta.url),
  grants,
};
