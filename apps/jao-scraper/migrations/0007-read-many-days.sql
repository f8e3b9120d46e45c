-- What checks read after a load of many days, at a fraction of what jao.latest costs.

-- Of a day with one stamp, each version is the newest one, so that none is looked for.
create view jao.latest_by_day as
select d.region, d.dataset, c.key, c.unit, c.delivery_start, dd.business_day, c.value, c.known_from
from jao.dataset d
join jao.dataset_day dd using (dataset_id)
cross join lateral (
  select s.key, s.unit, o.delivery_start, o.value, o.known_from
  from jao.series s
  join jao.observation o on o.series_id = s.series_id
    and (o.delivery_start at time zone 'Europe/Amsterdam')::date = dd.business_day
  where s.dataset_id = dd.dataset_id and not o.withdrawn
  -- Day by day: joined in any other order, each row's business day would be computed.
  offset 0
) c
where dd.first_known_from = dd.last_known_from
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
comment on view jao.latest_by_day is 'The cells of jao.latest, without what they cost most to tell: for whoever reads many whole days.';

create or replace view jao.day as
select d.region, d.dataset, dd.business_day, dd.state, dd.cells,
  dd.first_known_from as first_known, dd.last_known_from as last_revised,
  (select cardinality(ks.series_ids) from jao.key_set ks where ks.key_set_id = dd.key_set_id) as keys
from jao.dataset_day dd
join jao.dataset d using (dataset_id);
comment on column jao.day.keys is 'How many keys the last answer had; null where it was empty.';
