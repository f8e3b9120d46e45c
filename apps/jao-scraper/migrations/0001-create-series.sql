-- Business days are days of Europe/Amsterdam in every dataset of the source; the zone stands as a constant
-- in the index and the views below, since an index expression may hold no other.

create schema jao;
comment on schema jao is 'Time series from the JAO Publication Tool: what was published, and when we learned it.';

create table jao.dataset (
  dataset_id int generated always as identity primary key,
  region text not null,
  dataset text not null,
  unit text not null,
  description text not null,
  zone text not null check (zone = 'Europe/Amsterdam'),
  first_business_day date not null,
  due_day_offset int not null,
  due_time time not null,
  grace interval not null,
  give_up interval not null,
  observed_within interval not null default '24 hours',
  contract_version text not null,
  catalogue_version int not null,
  wide_view text not null unique,
  unique (region, dataset)
);
comment on table jao.dataset is 'One row per dataset of the catalogue; written from the contracts in code, never by hand.';
comment on column jao.dataset.dataset_id is 'Identifies the dataset in this database.';
comment on column jao.dataset.region is 'The capacity calculation region, as the source''s path has it.';
comment on column jao.dataset.dataset is 'The name without its region.';
comment on column jao.dataset.unit is 'The unit of every value.';
comment on column jao.dataset.description is 'What the values are.';
comment on column jao.dataset.zone is 'The time zone of the business day.';
comment on column jao.dataset.first_business_day is 'The first business day that the source has.';
comment on column jao.dataset.due_day_offset is 'The day of publication, in days from the business day: -1 is the day before.';
comment on column jao.dataset.due_time is 'When a business day is due, local time on the day of publication.';
comment on column jao.dataset.grace is 'For how long after the due time a missing cell is only late.';
comment on column jao.dataset.give_up is 'How long after the due time nobody asks for a missing day any more.';
comment on column jao.dataset.observed_within is 'A first version that came with the first look at its day has the vintage backfilled where that was later than this after the due time.';
comment on column jao.dataset.contract_version is 'The version of the contract that answers are read by.';
comment on column jao.dataset.catalogue_version is 'Grows with each change of the catalogue: an older app leaves a newer row alone.';
comment on column jao.dataset.wide_view is 'The view in this schema that has a column for each key.';

create table jao.dataset_step (
  dataset_id int not null references jao.dataset,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  step interval not null,
  primary key (dataset_id, starts_at),
  check (starts_at < ends_at)
);
comment on table jao.dataset_step is 'The length of a dataset''s delivery periods (MTU), by delivery time; periods do not overlap and leave no gap.';
comment on column jao.dataset_step.dataset_id is 'Joins to jao.dataset.';
comment on column jao.dataset_step.starts_at is 'The first delivery start of this length; -infinity for the oldest.';
comment on column jao.dataset_step.ends_at is 'The first delivery start of the next length; infinity for the newest.';
comment on column jao.dataset_step.step is 'The length of a delivery period.';

create table jao.series (
  series_id int generated always as identity primary key,
  dataset_id int not null references jao.dataset,
  region text not null,
  dataset text not null,
  key text not null,
  unit text not null,
  from_zone text,
  to_zone text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  unique (dataset_id, key)
);
comment on table jao.series is 'One row per key of a dataset. Keys come and go; a row stays.';
comment on column jao.series.series_id is 'Identifies the series in this database.';
comment on column jao.series.dataset_id is 'Joins to jao.dataset.';
comment on column jao.series.region is 'The region of the dataset.';
comment on column jao.series.dataset is 'The name of the dataset without its region.';
comment on column jao.series.key is 'The name of the member in the source''s rows, as it is.';
comment on column jao.series.unit is 'The unit of the values.';
comment on column jao.series.from_zone is 'Where the exchange begins, where the key names a known zone; an attribute, no key.';
comment on column jao.series.to_zone is 'Where the exchange ends, where the key names a known zone; an attribute, no key.';
comment on column jao.series.first_seen_at is 'When the key was first met in an answer.';
comment on column jao.series.last_seen_at is 'When the key was last met in an answer, to the hour.';

create table jao.clock (
  dataset_id int primary key references jao.dataset,
  last timestamptz(3) not null
);
comment on table jao.clock is 'The newest stamp of each dataset. Whoever stamps holds the row until COMMIT, so that the order of stamps is the order of commits.';
comment on column jao.clock.dataset_id is 'Joins to jao.dataset.';
comment on column jao.clock.last is 'The newest stamp whose transaction has committed.';

do $do$
declare
  columns constant text := '
    series_id int not null,
    delivery_start timestamptz not null,
    known_from timestamptz(3) not null,
    value float8,
    withdrawn boolean not null,
    attempt_id bigint not null,
    source_row_id bigint,
    source_modified_at timestamp,
    primary key (series_id, delivery_start, known_from)';
begin
  if exists (select from pg_available_extensions where name = 'timescaledb') then
    begin
      create extension if not exists timescaledb;
    exception when others then
      raise notice 'timescaledb is there, and could not be created (%): native partitions are used', sqlerrm;
    end;
  end if;
  if exists (select from pg_extension where extname = 'timescaledb') then
    execute 'create table jao.observation (' || columns || ')';
    perform create_hypertable('jao.observation', 'delivery_start',
      chunk_time_interval => interval '1 year', create_default_indexes => false);
    -- Its free licence has no compression.
    if current_setting('timescaledb.license', true) = 'timescale' then
      execute $$alter table jao.observation set (
        timescaledb.compress, timescaledb.compress_segmentby = 'series_id',
        timescaledb.compress_orderby = 'delivery_start, known_from')$$;
      -- Days are asked for again for a month; after that they rest.
      perform add_compression_policy('jao.observation', interval '60 days');
    end if;
  else
    execute 'create table jao.observation (' || columns || ') partition by range (delivery_start)';
  end if;
end
$do$;
create index observation_business_day on jao.observation (
  series_id, ((delivery_start at time zone 'Europe/Amsterdam')::date), delivery_start, known_from desc
);
create index observation_known_from on jao.observation using brin (known_from);
comment on table jao.observation is 'Every version of every value, append-only: a row is added only where value or withdrawn differ from the newest.';
comment on column jao.observation.series_id is 'Joins to jao.series.';
comment on column jao.observation.delivery_start is 'The beginning of the delivery period.';
comment on column jao.observation.known_from is 'When we learned it: the stamp of its transaction, exact among the rows of a dataset.';
comment on column jao.observation.value is 'The value as published; null where the source gave null, or took the value back.';
comment on column jao.observation.withdrawn is 'Whether the source took the value back: it was there, and a complete answer had it no longer.';
comment on column jao.observation.attempt_id is 'The request that brought it: joins to ops.attempt.';
comment on column jao.observation.source_row_id is 'The source''s id of the row; renewed whenever a day is published again.';
comment on column jao.observation.source_modified_at is 'The source''s own time of change, without a zone, where it gives one.';

create function jao.ensure_partitions(from_day date, to_day date) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  partition_year int;
  made int := 0;
begin
  if from_day < date '2000-01-01' or to_day > date '2100-12-31' or from_day > to_day then
    raise exception 'no partitions for % to %: days from 2000 to 2100 are kept', from_day, to_day
      using errcode = 'invalid_parameter_value';
  end if;
  if (select relkind from pg_class where oid = 'jao.observation'::regclass) <> 'p' then
    return 0;
  end if;
  for partition_year in extract(year from from_day)::int .. extract(year from to_day)::int loop
    continue when to_regclass(format('jao.observation_%s', partition_year)) is not null;
    perform pg_advisory_xact_lock(hashtext('jao.ensure_partitions'));
    continue when to_regclass(format('jao.observation_%s', partition_year)) is not null;
    -- Attached, not created in place: that would keep readers out.
    execute format('create table jao.observation_%s (like jao.observation including defaults including constraints)',
      partition_year);
    execute format('alter table jao.observation attach partition jao.observation_%s for values from (%L) to (%L)',
      partition_year,
      make_timestamptz(partition_year, 1, 1, 0, 0, 0, 'Europe/Amsterdam'),
      make_timestamptz(partition_year + 1, 1, 1, 0, 0, 0, 'Europe/Amsterdam'));
    made := made + 1;
  end loop;
  return made;
end
$$;
comment on function jao.ensure_partitions is 'Makes the yearly partitions of jao.observation for these business days, and tells how many it made; 0 on a hypertable.';
revoke all on function jao.ensure_partitions from public;
select jao.ensure_partitions('2022-01-01', (now() + interval '2 years')::date);

create table jao.key_set (
  key_set_id int generated always as identity primary key,
  dataset_id int not null references jao.dataset,
  series_ids int[] not null,
  keys_hash bytea not null,
  unique (dataset_id, keys_hash)
);
comment on table jao.key_set is 'The sets of keys that answers of a dataset had.';
comment on column jao.key_set.key_set_id is 'Identifies the set.';
comment on column jao.key_set.dataset_id is 'Joins to jao.dataset.';
comment on column jao.key_set.series_ids is 'The series of the set, ascending.';
comment on column jao.key_set.keys_hash is 'SHA-256 of the set: the set itself is too long for an index.';

create table jao.day_key_set (
  dataset_id int not null references jao.dataset,
  business_day date not null,
  known_from timestamptz(3) not null,
  key_set_id int not null references jao.key_set,
  primary key (dataset_id, business_day, known_from)
);
comment on table jao.day_key_set is 'Which keys a business day has, append-only: a row is added when the set differs from the newest. What is expected of a day is told by this.';
comment on column jao.day_key_set.dataset_id is 'Joins to jao.dataset.';
comment on column jao.day_key_set.business_day is 'The business day.';
comment on column jao.day_key_set.known_from is 'When we learned it.';
comment on column jao.day_key_set.key_set_id is 'Joins to jao.key_set.';

create table jao.dataset_day (
  dataset_id int not null references jao.dataset,
  business_day date not null,
  state text not null check (state in ('complete', 'incomplete', 'quarantined', 'empty')),
  whole boolean not null,
  finished boolean not null,
  cells int not null,
  read int not null,
  duplicate int not null,
  quarantined int not null,
  attempt_id bigint not null,
  asked_at timestamptz not null,
  first_answered_at timestamptz,
  payload_hash bytea,
  contract_version text,
  etag text,
  key_set_id int references jao.key_set,
  first_known_from timestamptz(3),
  last_known_from timestamptz(3),
  doubt_hash bytea,
  doubt_since timestamptz,
  primary key (dataset_id, business_day)
) with (fillfactor = 80);
comment on table jao.dataset_day is 'What is known of each business day of each dataset now; one row per day that was ever answered.';
comment on column jao.dataset_day.dataset_id is 'Joins to jao.dataset.';
comment on column jao.dataset_day.business_day is 'The business day.';
comment on column jao.dataset_day.state is 'Of the last successful answer. quarantined: something of it is in quarantine; incomplete: it lacked delivery periods, or cells that are still shown; empty: it had none, and none is shown; else complete.';
comment on column jao.dataset_day.whole is 'Whether the last answer had every delivery period, what is in quarantine included.';
comment on column jao.dataset_day.finished is 'Whether the last attempt succeeded, was whole, lacked no cell that is shown, and ended after the due time.';
comment on column jao.dataset_day.cells is 'Cells with a value or a null of the source, withdrawn ones not counted.';
comment on column jao.dataset_day.read is 'Cells of the last stored payload.';
comment on column jao.dataset_day.duplicate is 'Of these, those of rows that said the same as another row.';
comment on column jao.dataset_day.quarantined is 'Of these, those in quarantine, alone or with their row.';
comment on column jao.dataset_day.attempt_id is 'The last successful attempt: joins to ops.attempt.';
comment on column jao.dataset_day.asked_at is 'When the last successful attempt ended.';
comment on column jao.dataset_day.first_answered_at is 'When the first attempt ended that succeeded after the due time: what was known from then on is known.';
comment on column jao.dataset_day.payload_hash is 'SHA-256 of the last stored payload, decoded; null where none was stored.';
comment on column jao.dataset_day.contract_version is 'The contract that the last stored payload was read by.';
comment on column jao.dataset_day.etag is 'The validator of the last stored payload, where the source gave one.';
comment on column jao.dataset_day.key_set_id is 'The newest keys of the day: those of the last answer that had any.';
comment on column jao.dataset_day.first_known_from is 'The first stamp of the day.';
comment on column jao.dataset_day.last_known_from is 'The newest stamp of the day.';
comment on column jao.dataset_day.doubt_hash is 'Which cells an answer lacked that are stored; they are withdrawn if a later answer agrees.';
comment on column jao.dataset_day.doubt_since is 'When these cells were first lacking.';

create function jao.as_of(at timestamptz)
returns table (
  region text, dataset text, key text, unit text,
  delivery_start timestamptz, delivery_end timestamptz, business_day date,
  value float8, known_from timestamptz(3), revision bigint, vintage text
)
language sql stable
as $$
select
  d.region, d.dataset, s.key, s.unit,
  o.delivery_start, o.delivery_start + st.step, o.business_day,
  o.value, o.known_from, o.revision,
  case
    when o.revision = 1
      -- It came with the first look at the day, and that was late.
      and o.known_from <= dd.first_answered_at
      and o.known_from > ((o.business_day + d.due_day_offset + d.due_time) at time zone 'Europe/Amsterdam') + d.observed_within
    then 'backfilled' else 'observed'
  end
from jao.dataset d
join jao.dataset_step st using (dataset_id)
join jao.series s using (dataset_id)
cross join lateral (
  select
    (v.delivery_start at time zone 'Europe/Amsterdam')::date as business_day,
    v.delivery_start, v.value, v.withdrawn, v.known_from,
    row_number() over newest_first as age,
    count(*) over newest_first as revision
  from jao.observation v
  where v.series_id = s.series_id and v.delivery_start >= st.starts_at and v.delivery_start < st.ends_at
    and v.known_from <= at
  window newest_first as (
    -- Both, so that a condition on either reaches the index.
    partition by v.delivery_start, (v.delivery_start at time zone 'Europe/Amsterdam')::date
    order by v.known_from desc
    -- The whole cell, so that its versions are numbered and counted in one go, and only where asked for.
    rows between unbounded preceding and unbounded following
  )
) o
left join jao.dataset_day dd on dd.dataset_id = d.dataset_id and dd.business_day = o.business_day
where o.age = 1 and not o.withdrawn
$$;
comment on function jao.as_of is 'What jao.latest showed at that time.';

create view jao.latest as select * from jao.as_of('infinity');
comment on view jao.latest is 'The newest version of every cell; withdrawn cells are not in it, nulls of the source are.';

create view jao.revision as
select
  s.region, s.dataset, s.key, v.delivery_start, numbered.revision,
  earlier.value as old_value, v.value as new_value, v.withdrawn, v.known_from
from jao.series s
join jao.observation v using (series_id)
-- Alone and first, since it ends here for all that never changed.
cross join lateral (
  select e.value from jao.observation e
  where e.series_id = v.series_id and e.delivery_start = v.delivery_start and e.known_from < v.known_from
  order by e.known_from desc limit 1
) earlier
cross join lateral (
  select count(*) as revision from jao.observation e
  where e.series_id = v.series_id and e.delivery_start = v.delivery_start and e.known_from <= v.known_from
) numbered;
comment on view jao.revision is 'Every version of a cell from the second on: what it was, what it became, and when we learned it.';

create view jao.day as
select d.region, d.dataset, dd.business_day, dd.state, dd.cells,
  dd.first_known_from as first_known, dd.last_known_from as last_revised
from jao.dataset_day dd
join jao.dataset d using (dataset_id);
comment on view jao.day is 'One row per dataset and business day that was ever answered.';
comment on column jao.day.state is 'complete, incomplete, quarantined or empty: what the last answer was.';

create function jao.horizon(of_region text, of_dataset text) returns timestamptz
language sql stable
as $$
select c.last from jao.clock c join jao.dataset d using (dataset_id)
where d.region = of_region and d.dataset = of_dataset
$$;
comment on function jao.horizon is 'The newest stamp of a dataset that has committed, and all before it: in one snapshot jao.latest equals jao.as_of of it.';

create function jao.refresh_wide_view(of_dataset_id int) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  of_dataset jao.dataset;
  key_columns text;
begin
  select * into strict of_dataset from jao.dataset where dataset_id = of_dataset_id;
  -- Two refreshes at once would each leave out what the other does not see yet.
  perform pg_advisory_xact_lock(hashtext('jao.refresh_wide_view'), of_dataset_id);
  -- A name that is cut at 63 bytes, or meets another column's, is made its own by the series' number.
  select string_agg(
    format(', max(l.value) filter (where l.key = %L) as %I', s.key,
      case when octet_length(s.key) > 63 or s.key in ('business_day', 'delivery_start', 'delivery_end')
        then format('%s_%s', left(s.key, 12), s.series_id) else s.key end),
    '' order by s.series_id)
  into key_columns
  from jao.series s where s.dataset_id = of_dataset_id;
  execute format(
    'create or replace view jao.%I as
     select l.business_day, l.delivery_start, l.delivery_end%s
     from jao.latest l where l.region = %L and l.dataset = %L
     group by l.business_day, l.delivery_start, l.delivery_end',
    of_dataset.wide_view, coalesce(key_columns, ''), of_dataset.region, of_dataset.dataset);
  execute format('comment on view jao.%I is %L', of_dataset.wide_view,
    format('The newest values of %s/%s, one column per key in %s; a null is a null of the source, or no value.',
      of_dataset.region, of_dataset.dataset, of_dataset.unit));
  if exists (select from pg_roles where rolname = 'sluice_reader') then
    execute format('grant select on jao.%I to sluice_reader', of_dataset.wide_view);
  end if;
  return of_dataset.wide_view;
end
$$;
comment on function jao.refresh_wide_view is 'Makes the view with a column per key anew, with the keys known by now, and gives its name.';
revoke all on function jao.refresh_wide_view from public;

create function jao.refresh_statistics() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
analyze jao.observation, jao.series, jao.dataset_day, jao.day_key_set
$$;
comment on function jao.refresh_statistics is 'Tells the planner of what was loaded: after a large load it would else not know the index on the business day.';
revoke all on function jao.refresh_statistics from public;
