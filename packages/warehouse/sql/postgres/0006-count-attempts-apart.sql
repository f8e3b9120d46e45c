-- Whoever ended an attempt of a dataset waited for the commit of all who did before: their counts were in
-- one row. Now each connection has one of a few rows, and what is shown is their sum.

create table ops.attempt_count (
  dataset text not null,
  slot integer not null,
  outcomes jsonb not null default
    '{"stored": 0, "unchanged": 0, "republished": 0, "empty": 0, "not_modified": 0, "deferred": 0}',
  read bigint not null default 0,
  added bigint not null default 0,
  revised bigint not null default 0,
  unchanged bigint not null default 0,
  duplicate bigint not null default 0,
  quarantined bigint not null default 0,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (dataset, slot)
) with (fillfactor = 50);
comment on table ops.attempt_count is 'Attempts that have ended, and their cells, ever: a dataset''s are the sums over its slots. Kept by a trigger of ops.attempt, in the transaction that ends the attempt.';
comment on column ops.attempt_count.slot is '0 to 7, by the connection that ended them: so that few wait for each other.';
comment on column ops.attempt_count.outcomes is 'Attempts by outcome. What is known in advance begins with 0: how much it went up first would else not be seen.';

create or replace function ops.count_attempt() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  own_slot constant int := pg_backend_pid() % 8;
begin
  if new.outcome = 'abandoned' then
    -- They come with the runs that they belong to, and with those of several datasets.
    perform pg_advisory_xact_lock(hashtext('ops.count'));
  end if;
  perform pg_advisory_xact_lock(hashtext('ops.attempt_count'), own_slot);
  insert into ops.attempt_count (dataset, slot)
  select new.dataset, every_slot from generate_series(0, 7) every_slot
  where not exists (select from ops.attempt_count k where k.dataset = new.dataset and k.slot = own_slot)
  on conflict do nothing;
  update ops.attempt_count c set
    outcomes = jsonb_set(c.outcomes, array[new.outcome],
      to_jsonb(coalesce((c.outcomes ->> new.outcome)::bigint, 0) + 1)),
    read = c.read + new.read,
    added = c.added + new.added,
    revised = c.revised + new.revised,
    unchanged = c.unchanged + new.unchanged,
    duplicate = c.duplicate + new.duplicate,
    quarantined = c.quarantined + new.quarantined,
    changed_at = clock_timestamp()
  where c.dataset = new.dataset and c.slot = own_slot;
  return null;
end
$$;
comment on function ops.count_attempt is 'Keeps ops.attempt_count.';

insert into ops.attempt_count (dataset, slot, outcomes, read, added, revised, unchanged, duplicate, quarantined)
select c.labels ->> 'dataset', 0,
  '{"stored": 0, "unchanged": 0, "republished": 0, "empty": 0, "not_modified": 0, "deferred": 0}'
    || coalesce(jsonb_object_agg(c.labels ->> 'outcome', c.value::bigint)
      filter (where c.name = 'sluice_source_attempts_total'), '{}'),
  coalesce(sum(c.value) filter (where c.name = 'sluice_ingest_rows_read_total'), 0),
  coalesce(sum(c.value) filter (where c.name = 'sluice_ingest_rows_total' and c.labels ->> 'outcome' = 'added'), 0),
  coalesce(sum(c.value) filter (where c.name = 'sluice_ingest_rows_total' and c.labels ->> 'outcome' = 'revised'), 0),
  coalesce(sum(c.value) filter (where c.name = 'sluice_ingest_rows_total' and c.labels ->> 'outcome' = 'unchanged'), 0),
  coalesce(sum(c.value) filter (where c.name = 'sluice_ingest_rows_total' and c.labels ->> 'outcome' = 'duplicate'), 0),
  coalesce(sum(c.value) filter (where c.name = 'sluice_ingest_rows_total' and c.labels ->> 'outcome' = 'quarantined'), 0)
from ops.counter c
where c.name in ('sluice_source_attempts_total', 'sluice_ingest_rows_read_total', 'sluice_ingest_rows_total')
group by c.labels ->> 'dataset';
insert into ops.attempt_count (dataset, slot)
select c.dataset, other_slot from ops.attempt_count c cross join generate_series(1, 7) other_slot;
delete from ops.counter
where name in ('sluice_source_attempts_total', 'sluice_ingest_rows_read_total', 'sluice_ingest_rows_total');

create or replace view ops.metrics_counter_v1 as
select name, labels, value, changed_at from ops.counter
union all
select 'sluice_source_attempts_total', jsonb_build_object('dataset', c.dataset, 'outcome', o.outcome),
  sum(o.attempts::bigint)::float8, max(c.changed_at)
from ops.attempt_count c
cross join lateral jsonb_each_text(c.outcomes) o (outcome, attempts)
group by c.dataset, o.outcome
union all
select 'sluice_ingest_rows_read_total', jsonb_build_object('dataset', c.dataset), sum(c.read)::float8, max(c.changed_at)
from ops.attempt_count c
group by c.dataset
union all
select 'sluice_ingest_rows_total', jsonb_build_object('dataset', c.dataset, 'outcome', o.outcome),
  sum(o.cells)::float8, max(c.changed_at)
from ops.attempt_count c
cross join lateral (values
  ('added', c.added), ('revised', c.revised), ('unchanged', c.unchanged), ('duplicate', c.duplicate),
  ('quarantined', c.quarantined)
) o (outcome, cells)
group by c.dataset, o.outcome;
