-- On a day like any other a dataset has one set of keys, and all of them have values from its beginning to its
-- end: then the newest value is told for all of them at once, and no series is told apart from the others. On
-- any other day, a series is looked up by itself only where its newest value is not of the newest day.
create or replace view ops.metrics_series_v1 as
select d.region || '/' || d.dataset as dataset, s.key as series,
  coalesce(living.last_start, (
    select o.delivery_start from jao.observation o
    where o.series_id = living.series_id and o.value is not null
      -- The newest version of its cell.
      and o.known_from = (
        select max(v.known_from) from jao.observation v
        where v.series_id = o.series_id and v.delivery_start = o.delivery_start
      )
    order by o.delivery_start desc limit 1
  )) as last_observed_at
from jao.dataset d
cross join lateral (
  select dd.business_day as newest_day from jao.dataset_day dd
  where dd.dataset_id = d.dataset_id and dd.cells > 0
  order by dd.business_day desc limit 1
) known
-- The set of keys of the newest days, where it is one, and the range with values, where it is one.
cross join lateral (
  select case when count(*) = 1 then max(ks.series_ids) end as series_ids
  from jao.key_set ks
  where ks.key_set_id in (
    select dd.key_set_id from jao.dataset_day dd
    where dd.dataset_id = d.dataset_id and dd.business_day > known.newest_day - d.series_ends_after
  )
) expected
cross join lateral (
  select case when count(*) = 1 then max(r.series_ids) end as series_ids,
    max(r.delivery_end - (r.delivery_end - r.delivery_start) / r.cells) as last_start
  from jao.day_range r
  where r.dataset_id = d.dataset_id and r.business_day = known.newest_day and r.state = 'present'
    and r.known_from = (
      select max(k.known_from) from jao.day_range k
      where k.dataset_id = d.dataset_id and k.business_day = known.newest_day
    )
) even
cross join lateral (
  select unnest(even.series_ids) as series_id, even.last_start
  where even.series_ids = expected.series_ids
  union all
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
  where (even.series_ids = expected.series_ids) is not true
) living
-- By its id alone: beside the dataset, which all have in common, Postgres may take that one to join them by.
join jao.series s on s.series_id = living.series_id;
