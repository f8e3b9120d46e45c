-- What metrics are read from: views in ops, each with its version in its name. They read what is kept of
-- the newest days, so that they cost the same however long the history is.

create table jao.dataset_progress (
  dataset_id int primary key references jao.dataset,
  answered_days int not null
) with (fillfactor = 50);
comment on table jao.dataset_progress is 'How many business days of a dataset were answered after they were due. Kept by triggers of jao.dataset_day.';
comment on column jao.dataset_progress.dataset_id is 'Joins to jao.dataset.';
comment on column jao.dataset_progress.answered_days is 'Days of jao.dataset_day with a first_answered_at.';

create function jao.count_answered_day() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into jao.dataset_progress as p (dataset_id, answered_days)
  values (new.dataset_id, case when new.first_answered_at is null then -1 else 1 end)
  on conflict (dataset_id) do update set answered_days = p.answered_days + excluded.answered_days;
  return null;
end
$$;
comment on function jao.count_answered_day is 'Keeps jao.dataset_progress.';
revoke all on function jao.count_answered_day from public;

-- At the end of the transaction, so that days of a dataset wait for each other no longer than for the commit.
create constraint trigger count_answered_day after insert on jao.dataset_day
deferrable initially deferred for each row when (new.first_answered_at is not null)
execute function jao.count_answered_day();
create constraint trigger count_day_answered after update of first_answered_at on jao.dataset_day
deferrable initially deferred for each row
when ((old.first_answered_at is null) <> (new.first_answered_at is null))
execute function jao.count_answered_day();

insert into jao.dataset_progress (dataset_id, answered_days)
select dataset_id, count(*) from jao.dataset_day where first_answered_at is not null group by dataset_id;

create view ops.metrics_dataset_v1 as
select
  d.region || '/' || d.dataset as dataset,
  due.newest_day, finished.newest_day as newest_finished_day,
  -- Of the first day after the newest that is done with; days that the source left out are coverage's.
  ((coalesce(finished.newest_day + 1, asked.first_day) + d.due_day_offset + d.due_time) at time zone d.zone) as next_due_at,
  d.grace, checked.last_checked_at, c.last::timestamptz as last_changed_at,
  greatest(0, due.newest_day - asked.first_day + 1 - coalesce(p.answered_days, 0)) as remaining_days
from jao.dataset d
-- What was never asked for is nobody's.
cross join lateral (
  select a.business_day as first_day from ops.attempt a
  where a.dataset = d.region || '/' || d.dataset and a.business_day is not null
  order by a.business_day limit 1
) asked
cross join lateral (
  select ((now() at time zone d.zone) - d.due_time)::date - d.due_day_offset as newest_day
) due
left join lateral (
  select dd.business_day as newest_day from jao.dataset_day dd
  where dd.dataset_id = d.dataset_id and dd.finished
  order by dd.business_day desc limit 1
) finished on true
left join lateral (
  select max(dd.asked_at) as last_checked_at from jao.dataset_day dd
  where dd.dataset_id = d.dataset_id and dd.business_day > due.newest_day - 31
) checked on true
left join jao.clock c using (dataset_id)
left join jao.dataset_progress p using (dataset_id);
comment on view ops.metrics_dataset_v1 is 'One row per dataset of the JAO service that was ever asked for. next_due_at: when the first business day after the newest finished one is, or was, due; with grace it tells what is late. last_checked_at: when one of the 31 newest due days was last answered. last_changed_at: the newest stamp. remaining_days: business days from the first that was asked for to the newest due one of which there is no answer after they were due.';

create function jao.metrics_completeness() returns table (
  dataset text, days int, newest_day date, cells bigint, present bigint, not_expected bigint, withdrawn bigint,
  unavailable bigint, quarantined bigint, not_due bigint, late bigint, not_collected bigint, not_provided bigint
)
language plpgsql stable security definer
-- A plan for any dataset and days is as good as one for each, and making it takes twice as long as using it.
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  of_dataset record;
begin
  for of_dataset in
    select d.region, d.dataset, m.dataset as name, m.newest_day
    from ops.metrics_dataset_v1 m
    join jao.dataset d on m.dataset = d.region || '/' || d.dataset
  loop
    return query
    select of_dataset.name, span.days, of_dataset.newest_day,
      coalesce(sum(c.cells), 0)::bigint, coalesce(sum(c.present), 0)::bigint, coalesce(sum(c.not_expected), 0)::bigint,
      coalesce(sum(c.withdrawn), 0)::bigint, coalesce(sum(c.unavailable), 0)::bigint,
      coalesce(sum(c.quarantined), 0)::bigint, coalesce(sum(c.not_due), 0)::bigint, coalesce(sum(c.late), 0)::bigint,
      coalesce(sum(c.not_collected), 0)::bigint, coalesce(sum(c.not_provided), 0)::bigint
    from (values (1), (7), (30)) as span (days)
    left join (
      select * from jao.completeness_as_of(now()) day
      where day.region = of_dataset.region and day.dataset = of_dataset.dataset
        and day.business_day between of_dataset.newest_day - 29 and of_dataset.newest_day
    ) c on c.business_day > of_dataset.newest_day - span.days
    group by span.days;
  end loop;
end
$$;
comment on function jao.metrics_completeness is 'Cells by state of the newest due business days of each dataset that was ever asked for: of the newest one, of 7 and of 30.';
revoke all on function jao.metrics_completeness from public;

create view ops.metrics_completeness_v1 as select * from jao.metrics_completeness();
comment on view ops.metrics_completeness_v1 is 'Cells of a dataset by state, over the newest due business days: one row for 1, 7 and 30 of them. jao.completeness has them by day.';

-- The newest value of most series is told by the ranges that are kept of the newest day, for all of them at
-- once. Only of what has no value that day is it looked up, one by one.
create view ops.metrics_series_v1 as
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
comment on view ops.metrics_series_v1 is 'One row per series that has not ended: the start of the newest delivery period with a value, null where there is none.';
