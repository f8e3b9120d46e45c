-- jao.as_of, and jao.latest by it, turn an instant into its business day for each cell, and no more for each
-- version: half of what a range of delivery_start cost.

create or replace function jao.as_of(at timestamptz)
returns table (
  region text, dataset text, key text, unit text,
  delivery_start timestamptz, delivery_end timestamptz, business_day date,
  value float8, known_from timestamptz(3), revision bigint, vintage text
)
language sql stable
as $$
select
  d.region, d.dataset, s.key, s.unit,
  o.delivery_start,
  o.delivery_start + case
    when dd.step is null then st.step
    when dd.step_known_from = dd.last_known_from and dd.last_known_from <= at then dd.step
    -- What it was before, or what an older app has made of it.
    else coalesce((
      select make_interval(secs => extract(epoch from r.delivery_end - r.delivery_start)::int / r.cells)
      from jao.day_range r
      where r.dataset_id = d.dataset_id and r.business_day = l.business_day and r.known_from <= at
      order by r.known_from desc limit 1
    ), st.step)
  end,
  l.business_day,
  o.value, o.known_from, o.revision,
  case
    when o.revision = 1
      -- It came with the first look at the day, and that was late.
      and o.known_from <= dd.first_answered_at
      and o.known_from > ((l.business_day + d.due_day_offset + d.due_time) at time zone 'Europe/Amsterdam') + d.observed_within
    then 'backfilled' else 'observed'
  end
from jao.dataset d
join jao.dataset_step st using (dataset_id)
join jao.series s using (dataset_id)
cross join lateral (
  select
    v.delivery_start, v.value, v.withdrawn, v.known_from,
    row_number() over newest_first as age,
    count(*) over newest_first as revision
  from jao.observation v
  where v.series_id = s.series_id and v.delivery_start >= st.starts_at and v.delivery_start < st.ends_at
    and v.known_from <= at
  window newest_first as (
    partition by v.delivery_start
    order by v.known_from desc
    -- The whole cell, so that its versions are numbered and counted in one go, and only where asked for.
    rows between unbounded preceding and unbounded following
  )
) o
-- Told of the newest version only. It depends on nothing but what the window parts by, so that a condition
-- on it reaches the index all the same.
cross join lateral (
  select (o.delivery_start at time zone 'Europe/Amsterdam')::date as business_day
) l
left join jao.dataset_day dd on dd.dataset_id = d.dataset_id and dd.business_day = l.business_day
where o.age = 1 and not o.withdrawn
$$;
