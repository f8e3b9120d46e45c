-- Checks of a load read jao.latest_by_day as one pass over what lies between two instants.

-- A business day is told by the place of a delivery period among the midnights: a fraction of what
-- turning every instant into local time takes.
create or replace view jao.latest_by_day as
with midnight as materialized (
  select min(day) as first_day,
    array_agg(day::timestamp at time zone 'Europe/Amsterdam' order by day) as instants
  from (select min(business_day) as first, max(business_day) as last from jao.dataset_day) span
  cross join lateral (
    select span.first + place as day from generate_series(0, span.last - span.first) place
  ) days
)
-- Of a day with one stamp, each version is the newest one, so that none is looked for.
select d.region, d.dataset, s.key, s.unit, o.delivery_start,
  (select first_day from midnight) - 1
    + width_bucket(o.delivery_start, (select instants from midnight)) as business_day,
  o.value, o.known_from
from jao.dataset d
cross join lateral (
  select n.series_id, n.key, n.unit from jao.series n where n.dataset_id = d.dataset_id
  -- By itself, the planner knows how many keys a dataset has; joined, it takes it for a few.
  offset 0
) s
join jao.observation o on o.series_id = s.series_id
where not o.withdrawn and not exists (
  select from jao.dataset_day dd
  where dd.dataset_id = d.dataset_id and dd.first_known_from < dd.last_known_from
    and dd.business_day = (select first_day from midnight) - 1
      + width_bucket(o.delivery_start, (select instants from midnight))
)
union all
select l.region, l.dataset, l.key, l.unit, l.delivery_start, l.business_day, l.value, l.known_from
from jao.dataset d
join jao.dataset_day dd using (dataset_id)
cross join lateral (
  select n.* from jao.latest n
  where n.region = d.region and n.dataset = d.dataset and n.business_day = dd.business_day
  offset 0
) l
where dd.first_known_from < dd.last_known_from;
comment on view jao.latest_by_day is 'The cells of jao.latest, without what they cost most to tell: for whoever reads many whole days, and bounds delivery_start.';

-- Right after a load the planner needs to know the sizes more than every detail, which autovacuum comes
-- for: a quarter of the samples, in a quarter of the time.
alter function jao.refresh_statistics() set default_statistics_target = 25;
