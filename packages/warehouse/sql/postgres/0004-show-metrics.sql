-- What metrics are read from. The views are a contract, with a version in their names: a column is only
-- added, and a view whose meaning changes gets the next number beside the old one. What would take longer
-- the longer the history is, is counted when it happens.

create table ops.job (
  app text not null,
  command text not null,
  last_started_at timestamptz not null,
  last_ended_at timestamptz,
  last_succeeded_at timestamptz,
  last_duration interval,
  succeeded bigint not null,
  failed bigint not null,
  abandoned bigint not null,
  primary key (app, command)
) with (fillfactor = 50);
comment on table ops.job is 'One row per command of an app that was ever run: what its runs came to. Kept by triggers of ops.run, in the transaction of the run.';
comment on column ops.job.last_ended_at is 'When a run last ended, well or badly.';
comment on column ops.job.last_duration is 'Of the run that ended last.';
comment on column ops.job.succeeded is 'Runs that ended so, ever; also those that are on the ledger no more.';
comment on column ops.job.abandoned is 'One that was taken for dead, and lived, counts here and by its end.';

alter table ops.counter add column changed_at timestamptz not null default clock_timestamp();
comment on column ops.counter.changed_at is 'When it last went up.';

create function ops.count_run() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- A start may end several runs that died: two of these at once would each wait for the other's rows.
  perform pg_advisory_xact_lock(hashtext('ops.count'));
  insert into ops.job as j
    (app, command, last_started_at, last_ended_at, last_succeeded_at, last_duration, succeeded, failed, abandoned)
  values (
    new.app, new.command, new.started_at, new.ended_at,
    case when new.outcome = 'succeeded' then new.ended_at end,
    new.ended_at - new.started_at,
    (new.outcome = 'succeeded')::int, (new.outcome = 'failed')::int, (new.outcome = 'abandoned')::int
  )
  on conflict (app, command) do update set
    last_started_at = greatest(j.last_started_at, excluded.last_started_at),
    last_ended_at = greatest(j.last_ended_at, excluded.last_ended_at),
    last_succeeded_at = greatest(j.last_succeeded_at, excluded.last_succeeded_at),
    last_duration = case when excluded.last_ended_at >= coalesce(j.last_ended_at, '-infinity')
      then excluded.last_duration else j.last_duration end,
    succeeded = j.succeeded + excluded.succeeded,
    failed = j.failed + excluded.failed,
    abandoned = j.abandoned + excluded.abandoned;
  return null;
end
$$;
comment on function ops.count_run is 'Keeps ops.job.';
revoke all on function ops.count_run from public;

-- At the end of the transaction, so that what many count is locked for no longer than the commit.
create constraint trigger count_begun_run after insert on ops.run
deferrable initially deferred for each row execute function ops.count_run();
create constraint trigger count_ended_run after update of outcome on ops.run
deferrable initially deferred for each row when (old.outcome <> new.outcome) execute function ops.count_run();

create function ops.count_attempt() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('ops.count'));
  insert into ops.counter as c (name, labels, value)
  select step.name, step.labels, step.value
  from (
    select 'sluice_source_attempts_total', jsonb_build_object('dataset', new.dataset, 'outcome', o.outcome),
      (o.outcome = new.outcome)::int
    from (
      select unnest(array['stored', 'unchanged', 'republished', 'empty', 'not_modified', 'deferred'])
      union
      select new.outcome
    ) o (outcome)
    union all
    select 'sluice_ingest_rows_total', jsonb_build_object('dataset', new.dataset, 'outcome', o.outcome), o.cells
    from (values
      ('added', new.added), ('revised', new.revised), ('unchanged', new.unchanged), ('duplicate', new.duplicate),
      ('quarantined', new.quarantined)
    ) o (outcome, cells)
    union all
    select 'sluice_ingest_rows_read_total', jsonb_build_object('dataset', new.dataset), new.read
  ) step (name, labels, value)
  -- What is known in advance begins with 0: how much it went up first would else not be seen.
  where step.value <> 0
    or not exists (select from ops.counter k where k.name = step.name and k.labels = step.labels)
  on conflict (name, labels) do update
  set value = c.value + excluded.value, changed_at = clock_timestamp();
  return null;
end
$$;
comment on function ops.count_attempt is 'Counts an attempt that has ended, and its cells, in ops.counter.';
revoke all on function ops.count_attempt from public;

create constraint trigger count_ended_attempt after update of outcome on ops.attempt
deferrable initially deferred for each row when (old.outcome <> new.outcome) execute function ops.count_attempt();

-- What was there before.
insert into ops.job
  (app, command, last_started_at, last_ended_at, last_succeeded_at, last_duration, succeeded, failed, abandoned)
select r.app, r.command, max(r.started_at), max(r.ended_at), max(r.ended_at) filter (where r.outcome = 'succeeded'),
  (array_agg(r.ended_at - r.started_at order by r.ended_at desc) filter (where r.ended_at is not null))[1],
  count(*) filter (where r.outcome = 'succeeded'), count(*) filter (where r.outcome = 'failed'),
  count(*) filter (where r.outcome = 'abandoned')
from ops.run r
group by r.app, r.command;
insert into ops.counter (name, labels, value)
select 'sluice_source_attempts_total', jsonb_build_object('dataset', a.dataset, 'outcome', a.outcome), count(*)
from ops.attempt a
where a.outcome <> 'running'
group by a.dataset, a.outcome;
insert into ops.counter (name, labels, value)
select step.name, jsonb_build_object('dataset', a.dataset) || step.labels, step.value
from (
  select dataset, sum(read) as read, sum(added) as added, sum(revised) as revised, sum(unchanged) as unchanged,
    sum(duplicate) as duplicate, sum(quarantined) as quarantined
  from ops.attempt where outcome <> 'running' group by dataset
) a
cross join lateral (values
  ('sluice_ingest_rows_read_total', jsonb '{}', a.read),
  ('sluice_ingest_rows_total', jsonb '{"outcome": "added"}', a.added),
  ('sluice_ingest_rows_total', jsonb '{"outcome": "revised"}', a.revised),
  ('sluice_ingest_rows_total', jsonb '{"outcome": "unchanged"}', a.unchanged),
  ('sluice_ingest_rows_total', jsonb '{"outcome": "duplicate"}', a.duplicate),
  ('sluice_ingest_rows_total', jsonb '{"outcome": "quarantined"}', a.quarantined)
) as step (name, labels, value)
where step.value <> 0;

-- The newest result of a check is found without reading those before it.
create index check_result_newest on ops.check_result
  (dataset, check_id, period_to desc nulls last, checked_at desc);

create view ops.metrics_schema_v1 as
select component, max(version) as version, max(applied_at) as applied_at
from ops.migration where version > 0
group by component;
comment on view ops.metrics_schema_v1 is 'One row per component that has a schema here: how far it has come.';

create view ops.metrics_job_v1 as
select j.app || ' ' || j.command as job_name, j.last_started_at, j.last_ended_at, j.last_succeeded_at, j.last_duration,
  coalesce(r.running, 0) as running, r.oldest_heartbeat_at, j.succeeded, j.failed, j.abandoned
from ops.job j
left join (
  select app, command, count(*) as running, min(heartbeat_at) as oldest_heartbeat_at
  from ops.run where outcome = 'running'
  group by app, command
) r using (app, command);
comment on view ops.metrics_job_v1 is 'One row per command of an app that was ever run: when it ran, how it ended, how often. running counts runs on the ledger that have not ended, oldest_heartbeat_at is of the one that was silent longest.';

create view ops.metrics_attempt_v1 as
select dataset, count(*) as running, min(started_at) as oldest_started_at
from ops.attempt where outcome = 'running'
group by dataset;
comment on view ops.metrics_attempt_v1 is 'One row per dataset that is being asked for: requests that are out, and since when.';

create view ops.metrics_lease_v1 as
select name, token, holder, leased_until, acquired_at, renewed_at, leased_until > clock_timestamp() as is_held
from ops.lease;
comment on view ops.metrics_lease_v1 is 'One row per lease: who holds it, or held it last, and until when.';

create view ops.metrics_origin_v1 as
select origin, requests, paused_until from ops.origin;
comment on view ops.metrics_origin_v1 is 'One row per origin that is asked at a pace: tokens ever taken, and until when the source wants to be left alone.';

create view ops.metrics_quarantine_v1 as
select dataset, reason, count(*) as entries, min(created_at) as oldest_created_at
from ops.quarantine where state = 'open'
group by dataset, reason;
comment on view ops.metrics_quarantine_v1 is 'Open entries of quarantine by dataset and reason code.';

create view ops.metrics_drift_v1 as
select dataset, kind, count(*) as items, max(first_seen_at) as newest_seen_at
from ops.drift
group by dataset, kind;
comment on view ops.metrics_drift_v1 is 'What contracts do not know and was kept: how many different things of a kind, and when the newest was first seen.';

create view ops.metrics_check_v1 as
with recursive known as (
  (select dataset, check_id from ops.check_result order by dataset, check_id limit 1)
  union all
  select following.dataset, following.check_id
  from known
  cross join lateral (
    select r.dataset, r.check_id from ops.check_result r
    where (r.dataset, r.check_id) > (known.dataset, known.check_id)
    order by r.dataset, r.check_id limit 1
  ) following
)
select known.dataset, known.check_id, newest.kind, newest.outcome, newest.severity, newest.tested, newest.failing,
  newest.period_from, newest.period_to, newest.checked_at
from known
cross join lateral (
  select r.kind, r.outcome, r.severity, r.tested, r.failing, r.period_from, r.period_to, r.checked_at
  from ops.check_result r
  where r.dataset = known.dataset and r.check_id = known.check_id
  order by r.period_to desc nulls last, r.checked_at desc limit 1
) newest;
comment on view ops.metrics_check_v1 is 'One row per check that was ever run: its newest result about the newest days.';

create view ops.metrics_counter_v1 as
select name, labels, value, changed_at from ops.counter;
comment on view ops.metrics_counter_v1 is 'Counts that only go up, by name and labels, counted in the transaction of what they count.';
