create view jao.attempt as
select d.region, d.dataset, a.dataset as name, a.business_day, a.attempt_id, a.started_at, a.ended_at, a.outcome,
  a.outcome in ('stored', 'unchanged', 'republished', 'empty', 'not_modified', 'deferred') as succeeded
from ops.attempt a
join jao.dataset d on a.dataset = d.region || '/' || d.dataset;
comment on view jao.attempt is 'Every request: what separates a value that we did not ask for from one that was not there.';

create view jao.quarantined_cell as
select d.region, d.dataset, q.dataset as name, q.business_day, q.series_key as key, q.delivery_start, q.reason,
  q.message, q.raw, q.pointer, q.attempt_id, q.created_at, q.decided_at
from ops.quarantine q
join jao.dataset d on q.dataset = d.region || '/' || d.dataset;
comment on view jao.quarantined_cell is 'Cells and rows that broke their contract; a row has no key, and one whose time could not be read no delivery_start.';

create function jao.coverage_as_of(at timestamptz)
returns table (
  region text, dataset text, key text, business_day date, state text,
  delivery_start timestamptz, delivery_end timestamptz, cells bigint,
  due_at timestamptz, since timestamptz, reason text
)
language sql stable
as $$
-- Neighbouring cells of one series, day, state and reason are one row: their places in the day, less
-- their places among their like, are equal.
select
  c.region, c.dataset, c.key, c.business_day, c.state,
  min(c.delivery_start), max(c.delivery_start) + c.step, count(*),
  c.due_at, min(c.since), c.reason
from (
  select
    cell.*,
    row_number() over (partition by cell.dataset_id, cell.business_day, cell.key order by cell.delivery_start)
      - row_number() over (
        partition by cell.dataset_id, cell.business_day, cell.key, cell.state, cell.reason order by cell.delivery_start
      ) as island
  from (
    select
      day.dataset_id, day.region, day.dataset, day.business_day, day.due_at, day.step, expected.key, slot.delivery_start,
      judged.state, judged.since, judged.reason
    from (
      select
        d.dataset_id, d.region, d.dataset, g.day::date as business_day, st.step,
        g.day::timestamp at time zone 'Europe/Amsterdam' as starts_at,
        (g.day + interval '1 day')::timestamp at time zone 'Europe/Amsterdam' as ends_at,
        (g.day::date + d.due_day_offset + d.due_time) at time zone 'Europe/Amsterdam' as due_at,
        d.grace
      from jao.dataset d
      cross join lateral generate_series(
        d.first_business_day::timestamp, (at at time zone 'Europe/Amsterdam')::date + interval '1 day', interval '1 day'
      ) as g (day)
      join jao.dataset_step st on st.dataset_id = d.dataset_id
        and st.starts_at <= g.day::timestamp at time zone 'Europe/Amsterdam'
        and st.ends_at > g.day::timestamp at time zone 'Europe/Amsterdam'
      where exists (
        select from jao.attempt a where a.name = d.region || '/' || d.dataset and a.started_at <= at
      )
    ) day
    cross join lateral (
      -- What the day's answers had; for a day without one, what the nearest day had.
      select s.key, s.series_id
      from jao.key_set ks
      cross join lateral unnest(ks.series_ids) as member (series_id)
      join jao.series s on s.series_id = member.series_id
      where ks.key_set_id in (
        select own.key_set_id from jao.day_key_set own
        where own.dataset_id = day.dataset_id and own.business_day = day.business_day and own.known_from <= at
        union
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
      group by s.key, s.series_id
      union all
      select null, null
      where not exists (
        select from jao.day_key_set anything where anything.dataset_id = day.dataset_id and anything.known_from <= at
      )
    ) expected
    cross join lateral generate_series(day.starts_at, day.ends_at - day.step, day.step) as slot (delivery_start)
    cross join lateral (
      select
        max(a.ended_at) filter (where a.succeeded and a.ended_at > day.due_at) is not null as is_answered,
        min(a.ended_at) filter (where a.succeeded and a.ended_at > day.due_at) as answered_at,
        (array_agg(a.outcome order by a.attempt_id desc))[1] as last_outcome
      from jao.attempt a
      where a.name = day.region || '/' || day.dataset and a.business_day = day.business_day and a.ended_at <= at
    ) asked
    left join lateral (
      select v.value, v.withdrawn, v.known_from
      from jao.observation v
      where v.series_id = expected.series_id and v.delivery_start = slot.delivery_start and v.known_from <= at
      order by v.known_from desc limit 1
    ) o on true
    left join lateral (
      select q.reason, q.created_at
      from jao.quarantined_cell q
      where o.value is null and q.name = day.region || '/' || day.dataset and q.business_day = day.business_day
        and (q.key = expected.key or q.key is null)
        and (q.delivery_start = slot.delivery_start or q.delivery_start is null)
        and q.created_at <= at and (q.decided_at is null or q.decided_at > at)
      order by q.created_at desc limit 1
    ) q on true
    cross join lateral (
      select * from (values
        (o.value is not null, 'present', o.known_from, null),
        (o.withdrawn, 'withdrawn', o.known_from, 'the source took the value back'),
        (o.known_from is not null, 'unavailable', o.known_from, 'the source gave null'),
        (q.reason is not null, 'quarantined', q.created_at, q.reason),
        (at < day.due_at, 'not_due', null, null),
        (at < day.due_at + day.grace, 'late', day.due_at, asked.last_outcome),
        (not asked.is_answered, 'not_collected', day.due_at + day.grace,
          coalesce('last attempt: ' || asked.last_outcome, 'never asked for')),
        (true, 'not_provided', asked.answered_at, 'last attempt: ' || asked.last_outcome)
      ) as rule (applies, state, since, reason)
      where rule.applies
      limit 1
    ) judged
  ) cell
) c
group by c.dataset_id, c.region, c.dataset, c.key, c.business_day, c.state, c.due_at, c.step, c.reason, c.island
$$;
comment on function jao.coverage_as_of is 'The state of every cell that should exist, as it was known at that time: neighbouring cells of one state in one row. A day of a dataset of which no key is known has the key null.';

create view jao.coverage as select * from jao.coverage_as_of(now());
comment on view jao.coverage is 'The state of every cell that should exist, now; see jao.coverage_as_of.';
