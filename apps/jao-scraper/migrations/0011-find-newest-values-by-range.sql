-- The newest value of most series is told by the ranges that are kept of the newest day, for all of them at
-- once. Only of what has no value that day is it looked up, one by one.

create or replace view ops.metrics_series_v1 as
select d.region || '/' || d.dataset as dataset, s.key as series,
  coalesce(living.last_start, newest.delivery_start) as last_observed_at
from jao.dataset d
cross join lateral (
  select dd.business_day as newest_day from jao.dataset_day dd
  where dd.dataset_id = d.dataset_id and dd.cells > 0
  order by dd.business_day desc limit 1
) known
cross join lateral (
  select member.series_id, ranged.last_start
  from (
    select distinct unnest(ks.series_ids) as series_id
    from jao.key_set ks
    where ks.key_set_id in (
      select dd.key_set_id from jao.dataset_day dd
      where dd.dataset_id = d.dataset_id and dd.business_day > known.newest_day - d.series_ends_after
    )
  ) member
  left join (
    select present.series_id, max(r.delivery_end - (r.delivery_end - r.delivery_start) / r.cells) as last_start
    from jao.day_range r
    cross join lateral unnest(r.series_ids) as present (series_id)
    where r.dataset_id = d.dataset_id and r.business_day = known.newest_day and r.state = 'present'
      and r.known_from = (
        select max(k.known_from) from jao.day_range k
        where k.dataset_id = d.dataset_id and k.business_day = known.newest_day
      )
    group by present.series_id
  ) ranged using (series_id)
) living
join jao.series s on s.dataset_id = d.dataset_id and s.series_id = living.series_id
left join lateral (
  select o.delivery_start from jao.observation o
  where living.last_start is null and o.series_id = living.series_id and o.value is not null
    -- The newest version of its cell.
    and o.known_from = (
      select max(v.known_from) from jao.observation v
      where v.series_id = o.series_id and v.delivery_start = o.delivery_start
    )
  order by o.delivery_start desc limit 1
) newest on true;
