create view jao.attempt as
select d.region, d.dataset, a.dataset as name, a.business_day, a.attempt_id, a.started_at, a.ended_at, a.outcome,
  a.outcome in ('stored', 'unchanged', 'republished', 'empty', 'not_modified', 'deferred') as succeeded
from ops.attempt a
join jao.dataset d on a.dataset = d.region || '/' || d.dataset;
comment on view jao.attempt is 'Every request: what separates a value that we did not ask for from one that was not there.';

create view jao.quarantined_cell as
select d.region, d.dataset, q.dataset as name, q.business_day, q.series_key as key, q.delivery_start, q.reason,
  q.message, q.raw, q.pointer, q.attempt_id, q.created_at, q.decided_at, q.quarantine_id, q.run_id, q.url,
  q.raw_length, q.contract_version, q.check_id, q.state, q.decided_by, q.decision_reason, q.decision_run_id
from ops.quarantine q
join jao.dataset d on q.dataset = d.region || '/' || d.dataset;
comment on view jao.quarantined_cell is 'Cells and rows that are no data, and what was decided about them; a row has no key, and one whose time could not be read no delivery_start.';

create function jao.coverage_as_of(at timestamptz)
returns table (
  region text, dataset text, key text, business_day date, state text,
  delivery_start timestamptz, delivery_end timestamptz, cells bigint,
  due_at timestamptz, since timestamptz, reason text
)
language sql stable
as $$
-- A day of a series is counted first. Only where its cells are not all alike they are looked at one by
-- one. Nothing is grouped or numbered around that, so that a condition on region, dataset, key or
-- business_day reaches the tables below.
select
  day.region, day.dataset, expected.key, day.business_day, part.state,
  part.delivery_start, part.delivery_end, part.cells, day.due_at, part.since, part.reason
from (
  select
    d.dataset_id, d.region, d.dataset, g.day::date as business_day, st.step,
    g.day at time zone 'Europe/Amsterdam' as starts_at,
    (g.day + interval '1 day') at time zone 'Europe/Amsterdam' as ends_at,
    (g.day::date + d.due_day_offset + d.due_time) at time zone 'Europe/Amsterdam' as due_at,
    d.grace
  from jao.dataset d
  cross join lateral generate_series(
    d.first_business_day::timestamp,
    ((at at time zone 'Europe/Amsterdam')::date + greatest(1, -d.due_day_offset))::timestamp,
    interval '1 day'
  ) as g (day)
  join jao.dataset_step st on st.dataset_id = d.dataset_id
    and st.starts_at <= g.day at time zone 'Europe/Amsterdam'
    and st.ends_at > g.day at time zone 'Europe/Amsterdam'
  where exists (
    select from jao.attempt a where a.region = d.region and a.dataset = d.dataset and a.started_at <= at
  )
) day
cross join lateral (
  select extract(epoch from day.ends_at - day.starts_at)::bigint / extract(epoch from day.step)::bigint as cells
) due
cross join lateral (
  select
    min(a.ended_at) filter (where a.succeeded and a.ended_at > day.due_at) as answered_at,
    (array_agg(a.outcome order by a.attempt_id desc) filter (where a.succeeded and a.ended_at > day.due_at))[1] as answer,
    (array_agg(a.outcome || case when a.ended_at > day.due_at then '' else ', before it was due' end
      order by a.attempt_id desc))[1] as last_outcome
  from jao.attempt a
  where a.region = day.region and a.dataset = day.dataset and a.business_day = day.business_day and a.ended_at <= at
) asked
-- What a cell is of which nothing is stored.
cross join lateral (
  select
    case
      when at < day.due_at then 'not_due'
      when at < day.due_at + day.grace then 'late'
      when asked.answered_at is null then 'not_collected'
      else 'not_provided'
    end as state,
    case
      when at < day.due_at then null
      when at < day.due_at + day.grace then day.due_at
      else greatest(day.due_at + day.grace, asked.answered_at)
    end as since,
    case
      when at < day.due_at then null
      when at < day.due_at + day.grace or asked.answered_at is null
        then coalesce('last attempt: ' || asked.last_outcome, 'never asked for')
      else 'last answer: ' || asked.answer
    end as reason
) absent
cross join lateral (
  select exists (
    select from jao.quarantined_cell q
    where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
      and q.created_at <= at and (q.decided_at is null or q.decided_at > at)
  ) as is_some
) quarantine
cross join lateral (
  -- The keys that the day's answers had; of a day without one, those of the nearest day that has one.
  -- And keys of which all that came for the day is in quarantine.
  select s.key, s.series_id
  from jao.series s
  where s.dataset_id = day.dataset_id and s.series_id in (
    select unnest(ks.series_ids) from jao.key_set ks
    where ks.key_set_id in (
      select own.key_set_id from jao.day_key_set own
      where own.dataset_id = day.dataset_id and own.business_day = day.business_day and own.known_from <= at
      union all
      select nearest.key_set_id from (
        (select earlier.key_set_id, 1 as preference from jao.day_key_set earlier
         where earlier.dataset_id = day.dataset_id and earlier.business_day <= day.business_day and earlier.known_from <= at
         order by earlier.business_day desc, earlier.known_from desc limit 1)
        union all
        (select later.key_set_id, 2 from jao.day_key_set later
         where later.dataset_id = day.dataset_id and later.business_day > day.business_day and later.known_from <= at
         order by later.business_day, later.known_from desc limit 1)
        order by preference limit 1
      ) nearest
    )
    union all
    select known.series_id from jao.quarantined_cell q
    join jao.series known on known.dataset_id = day.dataset_id and known.key = q.key and known.first_seen_at <= at
    where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
      and q.created_at <= at and (q.decided_at is null or q.decided_at > at)
  )
  union all
  select null, null
  where not exists (
    select from jao.day_key_set anything where anything.dataset_id = day.dataset_id and anything.known_from <= at
  )
) expected
cross join lateral (
  select
    count(*) as cells,
    count(*) filter (where cell.is_always_there and date_bin(day.step, cell.delivery_start, day.starts_at) = cell.delivery_start)
      as present,
    max(cell.first_known_from) as since
  from (
    select v.delivery_start, min(v.known_from) as first_known_from, count(v.value) = count(*) as is_always_there
    from jao.observation v
    where v.series_id = expected.series_id and v.delivery_start >= day.starts_at and v.delivery_start < day.ends_at
      and v.known_from <= at
    group by v.delivery_start
  ) cell
) stored
cross join lateral (
  select 'present' as state, day.starts_at as delivery_start, day.ends_at as delivery_end, due.cells,
    stored.since, null as reason
  where stored.present = due.cells
  union all
  select absent.state, day.starts_at, day.ends_at, due.cells, absent.since, absent.reason
  where stored.cells = 0 and not quarantine.is_some
  union all
  -- Neighbouring cells of one state and reason are one row: their places in the day, less their places
  -- among their like, are equal.
  select judged.state, min(judged.delivery_start), max(judged.delivery_start) + day.step, count(*),
    max(judged.since), judged.reason
  from (
    select
      cell.*,
      row_number() over (order by cell.delivery_start)
        - row_number() over (partition by cell.state, cell.reason order by cell.delivery_start) as island
    from (
      select
        slot.delivery_start,
        case
          when newest.value is not null then 'present'
          when newest.withdrawn then 'withdrawn'
          when newest.known_from is not null then 'unavailable'
          when q.reason is not null then 'quarantined'
          else absent.state
        end as state,
        case
          when newest.value is not null then newest.there_since
          else coalesce(newest.known_from, q.created_at, absent.since)
        end as since,
        case
          when newest.value is not null then null
          when newest.withdrawn then 'the source took the value back'
          when newest.known_from is not null then 'the source gave null'
          else coalesce(q.reason, absent.reason)
        end as reason
      from generate_series(day.starts_at, day.ends_at - day.step, day.step) as slot (delivery_start)
      left join (
        select distinct on (run.delivery_start) run.delivery_start, run.value, run.withdrawn, run.known_from,
          min(run.known_from) filter (where run.value is not null)
            over (partition by run.delivery_start, run.gaps) as there_since
        from (
          select v.delivery_start, v.value, v.withdrawn, v.known_from,
            count(*) filter (where v.value is null) over (partition by v.delivery_start order by v.known_from) as gaps
          from jao.observation v
          where v.series_id = expected.series_id and v.delivery_start >= day.starts_at and v.delivery_start < day.ends_at
            and v.known_from <= at
        ) run
        order by run.delivery_start, run.known_from desc
      ) newest using (delivery_start)
      left join lateral (
        select q.reason, q.created_at
        from jao.quarantined_cell q
        where newest.known_from is null
          and q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
          and (q.key = expected.key or q.key is null or expected.key is null)
          and (q.delivery_start = slot.delivery_start or q.delivery_start is null)
          and q.created_at <= at and (q.decided_at is null or q.decided_at > at)
        order by q.created_at desc limit 1
      ) q on true
    ) cell
  ) judged
  where stored.present <> due.cells and (stored.cells > 0 or quarantine.is_some)
  group by judged.state, judged.reason, judged.island
) part
$$;
comment on function jao.coverage_as_of is 'The state of every cell that should exist, as it was known at that time: neighbouring cells of one state in one row. A day of a dataset of which no key is known has the key null.';

create view jao.coverage as select * from jao.coverage_as_of(now());
comment on view jao.coverage is 'The state of every cell that should exist, now; see jao.coverage_as_of.';
