-- What the data says of a day's cells is kept, as ranges, by whoever stores the day. What else decides
-- on a cell, the clock, the attempts, quarantine, absences and the lives of series, is looked up when
-- coverage is read, and only where there is no value.

alter table jao.dataset add column series_ends_after int not null default 14;
comment on column jao.dataset.series_ends_after is 'A series has ended once the answers for the days up to this many after its last one lacked it.';

create table jao.day_range (
  dataset_id int not null references jao.dataset,
  business_day date not null,
  known_from timestamptz(3) not null,
  part int not null,
  series_ids int[] not null,
  state text not null check (state in ('present', 'withdrawn', 'unavailable', 'absent')),
  delivery_start timestamptz not null,
  delivery_end timestamptz not null,
  cells int not null check (cells > 0),
  since timestamptz(3),
  primary key (dataset_id, business_day, known_from, part),
  check (delivery_start < delivery_end),
  check ((state = 'absent') = (since is null))
);
comment on table jao.day_range is 'What is stored of a day''s cells, append-only: with each stamp at which any cell came, went or came back, the whole day anew. The ranges of a series that has a cell of the day fill the day.';
comment on column jao.day_range.dataset_id is 'Joins to jao.dataset.';
comment on column jao.day_range.business_day is 'The business day.';
comment on column jao.day_range.known_from is 'The stamp from which on the day is so, up to the next one.';
comment on column jao.day_range.part is 'Numbers the ranges of a day and stamp from 1.';
comment on column jao.day_range.series_ids is 'The series that have this range, ascending: all of them, on a day like any other.';
comment on column jao.day_range.state is 'present: a value; withdrawn: it was there, and the source took it back; unavailable: the source gave null; absent: nothing is stored.';
comment on column jao.day_range.delivery_start is 'The beginning of the first cell.';
comment on column jao.day_range.delivery_end is 'The end of the last cell.';
comment on column jao.day_range.cells is 'Cells of each series.';
comment on column jao.day_range.since is 'When the last of the cells came to be so; null where nothing is stored.';

-- Where the step of a dataset is assumed, an answer may have the other one. Then its ranges tell the step of
-- a day, by stamp: they end where cells end, and count them. The newest one is kept beside the day's state, for
-- who reads many cells.
alter table jao.dataset add column step_is_assumed boolean not null default false;
comment on column jao.dataset.step_is_assumed is 'Whether jao.dataset_step has only what is expected, and the cells of a day tell its step.';

alter table jao.dataset_day add column step interval, add column step_known_from timestamptz(3);
comment on column jao.dataset_day.step is 'The length of the day''s delivery periods, where jao.dataset has step_is_assumed; else null.';
comment on column jao.dataset_day.step_known_from is 'The newest stamp of the day when step was kept: after a later one, of an older app, jao.day_range tells.';

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
      where r.dataset_id = d.dataset_id and r.business_day = o.business_day and r.known_from <= at
      order by r.known_from desc limit 1
    ), st.step)
  end,
  o.business_day,
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

create table jao.absence_record (
  absence_id int generated always as identity primary key,
  dataset_id int not null references jao.dataset,
  known_from timestamptz(3) not null,
  series_ids int[],
  period_start timestamptz not null,
  period_end timestamptz not null,
  reason text not null check (reason <> ''),
  evidence text not null check (evidence <> ''),
  recorded_by text not null,
  check (period_start < period_end)
);
create index absence_record_period on jao.absence_record (dataset_id, period_end);
comment on table jao.absence_record is 'What the source is known not to have, as people have recorded it; append-only.';
comment on column jao.absence_record.absence_id is 'Identifies the absence.';
comment on column jao.absence_record.dataset_id is 'Joins to jao.dataset.';
comment on column jao.absence_record.known_from is 'When it was recorded: a stamp of the dataset''s clock.';
comment on column jao.absence_record.series_ids is 'The series it is about, ascending; null is every series.';
comment on column jao.absence_record.period_start is 'The first delivery start it is about.';
comment on column jao.absence_record.period_end is 'The first delivery start it is no longer about.';
comment on column jao.absence_record.reason is 'Why there is nothing.';
comment on column jao.absence_record.evidence is 'What says so: a notice of the source, for instance.';
comment on column jao.absence_record.recorded_by is 'Who recorded it.';

create table jao.absence_withdrawal (
  absence_id int primary key references jao.absence_record,
  known_from timestamptz(3) not null,
  reason text not null check (reason <> ''),
  withdrawn_by text not null
);
comment on table jao.absence_withdrawal is 'Absences that hold no longer, append-only; before the stamp they held.';
comment on column jao.absence_withdrawal.absence_id is 'Joins to jao.absence_record.';
comment on column jao.absence_withdrawal.known_from is 'Since when it does not hold: a stamp of the dataset''s clock.';
comment on column jao.absence_withdrawal.reason is 'Why not.';
comment on column jao.absence_withdrawal.withdrawn_by is 'Who withdrew it.';

create view jao.absence as
select
  a.absence_id, d.region, d.dataset,
  (select array_agg(s.key order by s.key collate "C") from jao.series s where s.series_id = any (a.series_ids)) as keys,
  a.period_start, a.period_end, a.reason, a.evidence, a.recorded_by, a.known_from,
  w.known_from as withdrawn_at, w.withdrawn_by, w.reason as withdrawal_reason
from jao.absence_record a
join jao.dataset d using (dataset_id)
left join jao.absence_withdrawal w using (absence_id);
comment on view jao.absence is 'One row per absence that was ever recorded: which cells the source is known not to have, why, and by what evidence. keys is null where it is about all of them; withdrawn_at is null while it holds.';

create type jao.life as (
  series_ids int[],
  first_day date,
  last_day date,
  known_at timestamptz,
  first_day_since timestamptz,
  last_day_since timestamptz
);
comment on type jao.life is 'Series that began, ended and became known together.';
comment on column jao.life.series_ids is 'The series, ascending.';
comment on column jao.life.first_day is 'Their first business day; null where no answer for an earlier day is known: then every day of the dataset may be theirs.';
comment on column jao.life.last_day is 'Their last business day; null while they have not ended.';
comment on column jao.life.known_at is 'When they were first seen.';
comment on column jao.life.first_day_since is 'Since when it is known that they had not begun before.';
comment on column jao.life.last_day_since is 'Since when it is known that they have ended.';

create function jao.life_as_of(of_dataset_id int, at timestamptz) returns setof jao.life
language sql stable
as $$
select
  of_life.series_ids, of_life.first_day, of_life.last_day, of_life.known_at,
  case when of_life.first_day is not null then greatest(of_life.known_at, (
    select min(e.known_from) from jao.day_key_set e
    where e.dataset_id = of_dataset_id and e.business_day < of_life.first_day and e.known_from <= at
  )) end,
  case when of_life.last_day is not null then greatest(of_life.last_known_at, (
    select min(e.known_from) from jao.day_key_set e
    where e.dataset_id = of_dataset_id and e.business_day >= of_life.last_day + of_life.series_ends_after
      and e.known_from <= at
  )) end
from (
  select array_agg(one.series_id order by one.series_id) as series_ids,
    one.first_day, one.last_day, one.known_at, one.last_known_at, one.series_ends_after
  from (
    select s.series_id, s.known_at, d.series_ends_after,
      case when s.first_day > answered.first_day then s.first_day end as first_day,
      case when s.last_day + d.series_ends_after <= answered.last_day then s.last_day end as last_day,
      case when s.last_day + d.series_ends_after <= answered.last_day then s.last_known_at end as last_known_at
    from (
      select member.series_id, min(k.first_day) as first_day, max(k.last_day) as last_day, min(k.known_at) as known_at,
        (array_agg(k.last_known_at order by k.last_day desc, k.last_known_at))[1] as last_known_at
      from (
        -- Most days have one of a few sets: these are taken apart, and not the days.
        select dk.key_set_id, min(dk.business_day) as first_day, max(dk.business_day) as last_day,
          min(dk.known_from) as known_at,
          (array_agg(dk.known_from order by dk.business_day desc, dk.known_from))[1] as last_known_at
        from jao.day_key_set dk
        where dk.dataset_id = of_dataset_id and dk.known_from <= at
        group by dk.key_set_id
      ) k
      join jao.key_set ks using (key_set_id)
      cross join lateral unnest(ks.series_ids) as member (series_id)
      group by member.series_id
    ) s
    cross join (
      select min(dk.business_day) as first_day, max(dk.business_day) as last_day
      from jao.day_key_set dk
      where dk.dataset_id = of_dataset_id and dk.known_from <= at
    ) answered
    join jao.dataset d on d.dataset_id = of_dataset_id
  ) one
  group by one.first_day, one.last_day, one.known_at, one.last_known_at, one.series_ends_after
) of_life
$$;
comment on function jao.life_as_of is 'From which to which business day the series of a dataset were expected, as it was known at that time.';

create function jao.coverage_block_as_of(at timestamptz)
returns table (
  dataset_id int, region text, dataset text, business_day date, series_ids int[], state text,
  delivery_start timestamptz, delivery_end timestamptz, cells int,
  due_at timestamptz, since timestamptz, reason text
)
language sql stable
as $$
-- Nothing is grouped or numbered around the days, so that a condition on region, dataset or business_day
-- reaches the tables below. Series are taken out of their sets only where something is missing.
select
  day.dataset_id, day.region, day.dataset, day.business_day, part.series_ids, part.state,
  part.delivery_start, part.delivery_end, part.cells, day.due_at, part.since, part.reason
from (
  select
    d.dataset_id, d.region, d.dataset, g.day::date as business_day, st.step as expected_step, d.step_is_assumed,
    life.lives, d.grace,
    g.day at time zone 'Europe/Amsterdam' as starts_at,
    (g.day + interval '1 day') at time zone 'Europe/Amsterdam' as ends_at,
    (g.day::date + d.due_day_offset + d.due_time) at time zone 'Europe/Amsterdam' as due_at
  from jao.dataset d
  cross join lateral (select array_agg(l) as lives from jao.life_as_of(d.dataset_id, at) l) life
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
-- Of a day that is there, the step that its cells had.
cross join lateral (
  select coalesce(
    case when day.step_is_assumed then (
      select make_interval(secs => extract(epoch from r.delivery_end - r.delivery_start)::int / r.cells)
      from jao.day_range r
      where r.dataset_id = day.dataset_id and r.business_day = day.business_day and r.known_from <= at
      order by r.known_from desc limit 1
    ) end,
    day.expected_step
  ) as step
) grid
cross join lateral (
  select
    extract(epoch from day.ends_at - day.starts_at)::int / extract(epoch from grid.step)::int as cells,
    (select max(r.known_from) from jao.day_range r
     where r.dataset_id = day.dataset_id and r.business_day = day.business_day and r.known_from <= at) as known_from,
    -- What the source gave is expected, also where it could not be read.
    (select array_agg(distinct s.series_id) from jao.quarantined_cell q
     join jao.series s on s.dataset_id = day.dataset_id and s.key = q.key
     where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
       and q.created_at <= at and (q.decided_at is null or q.decided_at > at)) as quarantined_ids
) known
cross join lateral (
  select r.series_ids, r.state, r.delivery_start, r.delivery_end, r.cells, r.since::timestamptz as since,
    case r.state
      when 'withdrawn' then 'the source took the value back'
      when 'unavailable' then 'the source gave null'
    end as reason
  from jao.day_range r
  where r.dataset_id = day.dataset_id and r.business_day = day.business_day and r.known_from = known.known_from
    and r.state <> 'absent'
  union all
  select outside.series_ids, 'not_expected', day.starts_at, day.ends_at, known.cells, outside.since, outside.reason
  from (
    select
      case when known.quarantined_ids is null then l.series_ids else array(
        select unnest(l.series_ids) except select unnest(known.quarantined_ids) order by 1
      ) end as series_ids,
      case when day.business_day < l.first_day then l.first_day_since else l.last_day_since end as since,
      case when day.business_day < l.first_day then 'the series begins with ' || l.first_day
        else 'the series ended with ' || l.last_day end as reason
    from unnest(day.lives) l
    where day.business_day < l.first_day or day.business_day > l.last_day
  ) outside
  where outside.series_ids <> '{}'
  union all
  select judged.series_ids, judged.state, judged.delivery_start, judged.delivery_end, judged.cells, judged.since,
    judged.reason
  from (
    select r.series_ids, r.delivery_start, r.delivery_end, r.cells, null::timestamptz as known_at, null as lacking
    from jao.day_range r
    where r.dataset_id = day.dataset_id and r.business_day = day.business_day and r.known_from = known.known_from
      and r.state = 'absent'
    union all
    select lacking.series_ids, day.starts_at, day.ends_at, known.cells, lacking.known_at, ', without the key'
    from (
      select
        -- Each series has one range that begins with the day.
        (select coalesce(sum(cardinality(r.series_ids)), 0) from jao.day_range r
         where r.dataset_id = day.dataset_id and r.business_day = day.business_day
           and r.known_from = known.known_from and r.delivery_start = day.starts_at)
        < (select sum(cardinality(l.series_ids)) from unnest(day.lives) l
           where (day.business_day < l.first_day or day.business_day > l.last_day) is not true) as is_any
    ) unequal
    cross join lateral (
      select l.known_at, array(
        (select unnest(l.series_ids) where (day.business_day < l.first_day or day.business_day > l.last_day) is not true
         union all
         select unnest(l.series_ids) where day.business_day < l.first_day or day.business_day > l.last_day
         intersect all
         select unnest(known.quarantined_ids))
        except
        select unnest(r.series_ids) from jao.day_range r
        where r.dataset_id = day.dataset_id and r.business_day = day.business_day
          and r.known_from = known.known_from and r.delivery_start = day.starts_at
        order by 1
      ) as series_ids
      from unnest(day.lives) l
    ) lacking
    where (unequal.is_any or known.quarantined_ids is not null) and lacking.series_ids <> '{}'
    union all
    select array[null::int], day.starts_at, day.ends_at, known.cells, null, null
    where day.lives is null
  ) missing
  cross join lateral (
    select
      min(a.ended_at) filter (where a.succeeded and a.ended_at > day.due_at) as answered_at,
      (array_agg(a.outcome order by a.attempt_id desc) filter (where a.succeeded and a.ended_at > day.due_at))[1] as answer,
      (array_agg(a.outcome || case when a.ended_at > day.due_at then '' else ', before it was due' end
        order by a.attempt_id desc))[1] as last_outcome
    from jao.attempt a
    where a.region = day.region and a.dataset = day.dataset and a.business_day = day.business_day and a.ended_at <= at
  ) asked
  -- What the clock makes of it.
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
        when at < day.due_at + day.grace then greatest(day.due_at, missing.known_at)
        else greatest(day.due_at + day.grace, asked.answered_at, missing.known_at)
      end as since,
      case
        when at < day.due_at then null
        when at < day.due_at + day.grace or asked.answered_at is null
          then coalesce('last attempt: ' || asked.last_outcome, 'never asked for')
        else 'last answer: ' || asked.answer || case when known.known_from is null then '' else coalesce(missing.lacking, '') end
      end as reason
  ) clock
  -- The newest absence of any of it.
  left join lateral (
    select a.absence_id, a.known_from, a.reason,
      a.series_ids is null and a.period_start <= missing.delivery_start and a.period_end >= missing.delivery_end
        as is_of_all
    from jao.absence_record a
    left join jao.absence_withdrawal w using (absence_id)
    where a.dataset_id = day.dataset_id and a.period_start < missing.delivery_end and a.period_end > missing.delivery_start
      and a.known_from <= at and (w.known_from is null or w.known_from > at)
    order by a.known_from desc, a.absence_id desc limit 1
  ) absence on true
  cross join lateral (
    select absence.is_of_all is not true and (
      absence.absence_id is not null
      or exists (
        select from jao.absence_record a
        where a.dataset_id = day.dataset_id and a.known_from <= at
          and a.period_start < missing.delivery_end and a.period_end > missing.delivery_start
      )
      or exists (
        select from jao.quarantined_cell q
        where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day and q.created_at <= at
      )
    ) as is_needed
  ) look
  cross join lateral (
    select missing.series_ids,
      case when absence.is_of_all then 'unavailable' else clock.state end as state,
      missing.delivery_start, missing.delivery_end, missing.cells,
      case when absence.is_of_all then greatest(absence.known_from, missing.known_at) else clock.since end as since,
      case when absence.is_of_all then format('absence %s: %s', absence.absence_id, absence.reason)
        else clock.reason end as reason
    where not look.is_needed
    union all
    -- Cell by cell. Neighbouring cells of one state and reason are one range: their places in the day,
    -- less their places among their like, are equal.
    select array[cell.series_id], cell.state, min(cell.delivery_start), max(cell.delivery_start) + grid.step,
      count(*)::int, max(cell.since), cell.reason
    from (
      select s.series_id, slot.delivery_start, verdict.state, verdict.since, verdict.reason,
        row_number() over (partition by s.series_id order by slot.delivery_start)
          - row_number() over (partition by s.series_id, verdict.state, verdict.reason order by slot.delivery_start) as island
      from (
        select member.series_id, named.key
        from unnest(missing.series_ids) as member (series_id)
        left join jao.series named using (series_id)
      ) s
      cross join generate_series(missing.delivery_start, missing.delivery_end - grid.step, grid.step) as slot (delivery_start)
      left join lateral (
        select a.absence_id, a.known_from, a.reason
        from jao.absence_record a
        left join jao.absence_withdrawal w using (absence_id)
        where a.dataset_id = day.dataset_id and a.period_start <= slot.delivery_start and a.period_end > slot.delivery_start
          and (a.series_ids is null or s.series_id = any (a.series_ids))
          and a.known_from <= at and (w.known_from is null or w.known_from > at)
        order by a.known_from desc, a.absence_id desc limit 1
      ) held on true
      left join lateral (
        select q.created_at, q.reason
        from jao.quarantined_cell q
        where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
          and (q.key = s.key or q.key is null or s.key is null)
          and (q.delivery_start = slot.delivery_start or q.delivery_start is null)
          and q.created_at <= at and (q.decided_at is null or q.decided_at > at)
        order by q.created_at desc limit 1
      ) odd on true
      -- A person has said that what the source gave is never to be data: the cell, its row, or the whole answer
      -- where a check had refused it. A row that names no time is of no cell.
      left join lateral (
        select format('entry %s of quarantine was discarded: %s', q.quarantine_id, q.decision_reason) as words
        from jao.quarantined_cell q
        where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
          and (q.key = s.key or q.key is null or s.key is null)
          and (q.delivery_start = slot.delivery_start or (q.delivery_start is null and q.reason = 'failed_check'))
          and q.state = 'discarded' and q.decided_at <= at
        order by q.decided_at desc, q.quarantine_id desc limit 1
      ) discarded on true
      -- What it was before, and is no more.
      cross join lateral (
        select
          (select max(w.known_from) from jao.absence_record a
           join jao.absence_withdrawal w using (absence_id)
           where a.dataset_id = day.dataset_id and a.period_start <= slot.delivery_start
             and a.period_end > slot.delivery_start and (a.series_ids is null or s.series_id = any (a.series_ids))
             and w.known_from <= at) as absent_until,
          (select max(q.decided_at) from jao.quarantined_cell q
           where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
             and (q.key = s.key or q.key is null or s.key is null)
             and (q.delivery_start = slot.delivery_start or q.delivery_start is null)
             and q.decided_at <= at) as odd_until
      ) past
      cross join lateral (
        select
          case when held.absence_id is not null then 'unavailable' when odd.created_at is not null then 'quarantined'
            else clock.state end as state,
          case
            when held.absence_id is not null then greatest(held.known_from, missing.known_at)
            when odd.created_at is not null then greatest(odd.created_at, past.absent_until)
            when clock.since is not null then greatest(clock.since, past.absent_until, past.odd_until)
          end as since,
          case when held.absence_id is not null then format('absence %s: %s', held.absence_id, held.reason)
            when odd.created_at is not null then odd.reason
            when discarded.words is not null then concat_ws('; ', clock.reason, discarded.words)
            else clock.reason end as reason
      ) verdict
    ) cell
    where look.is_needed
    group by cell.series_id, cell.state, cell.reason, cell.island
  ) judged
) part
$$;
comment on function jao.coverage_block_as_of is 'The state of every cell that should exist, as it was known at that time, by sets of series that have it in common.';

create function jao.coverage_as_of(at timestamptz)
returns table (
  region text, dataset text, key text, business_day date, state text,
  delivery_start timestamptz, delivery_end timestamptz, cells bigint,
  due_at timestamptz, since timestamptz, reason text
)
language sql stable
as $$
select b.region, b.dataset, s.key, b.business_day, b.state, b.delivery_start, b.delivery_end, b.cells::bigint,
  b.due_at, b.since, b.reason
from jao.coverage_block_as_of(at) b
cross join lateral unnest(b.series_ids) as member (series_id)
left join jao.series s on s.series_id = member.series_id
$$;
comment on function jao.coverage_as_of is 'The state of every cell that should exist, as it was known at that time: neighbouring cells of one state in one row. A day of a dataset of which no key is known has the key null.';

create view jao.coverage as select * from jao.coverage_as_of(now());
comment on view jao.coverage is 'The state of every cell that should exist, now; see jao.coverage_as_of.';

create function jao.completeness_as_of(at timestamptz)
returns table (
  region text, dataset text, business_day date, cells bigint, present bigint, not_expected bigint, withdrawn bigint,
  unavailable bigint, quarantined bigint, not_due bigint, late bigint, not_collected bigint, not_provided bigint,
  completeness float8, collection_rate float8
)
language sql stable
as $$
select n.region, n.dataset, n.business_day, n.cells, n.present, n.not_expected, n.withdrawn, n.unavailable,
  n.quarantined, n.not_due, n.late, n.not_collected, n.not_provided,
  n.present / nullif(n.cells - n.not_expected - n.unavailable - n.not_due, 0)::float8,
  (n.present + n.withdrawn + n.quarantined)
    / nullif(n.cells - n.not_expected - n.unavailable - n.not_due - n.not_provided, 0)::float8
from (
  select b.region, b.dataset, b.business_day,
    coalesce(sum(b.n), 0)::bigint as cells,
    coalesce(sum(b.n) filter (where b.state = 'present'), 0)::bigint as present,
    coalesce(sum(b.n) filter (where b.state = 'not_expected'), 0)::bigint as not_expected,
    coalesce(sum(b.n) filter (where b.state = 'withdrawn'), 0)::bigint as withdrawn,
    coalesce(sum(b.n) filter (where b.state = 'unavailable'), 0)::bigint as unavailable,
    coalesce(sum(b.n) filter (where b.state = 'quarantined'), 0)::bigint as quarantined,
    coalesce(sum(b.n) filter (where b.state = 'not_due'), 0)::bigint as not_due,
    coalesce(sum(b.n) filter (where b.state = 'late'), 0)::bigint as late,
    coalesce(sum(b.n) filter (where b.state = 'not_collected'), 0)::bigint as not_collected,
    coalesce(sum(b.n) filter (where b.state = 'not_provided'), 0)::bigint as not_provided
  from (
    select c.*, c.cells::bigint * cardinality(c.series_ids) as n from jao.coverage_block_as_of(at) c
  ) b
  group by b.region, b.dataset, b.business_day
) n
$$;
comment on function jao.completeness_as_of is 'What jao.completeness showed at that time.';

create view jao.completeness as select * from jao.completeness_as_of(now());
comment on view jao.completeness is 'One row per dataset and business day: its cells by state; completeness = present / (cells - not_expected - unavailable - not_due); collection_rate = (present + withdrawn + quarantined) / (the same - not_provided). Null where nothing is counted.';

create function jao.rebuild_ranges(of_dataset_id int) returns table (days int, ranges int, changed_days int)
language plpgsql security definer
-- With the zone as the session's, a day is told several times faster than by naming it for each row.
set search_path = pg_catalog, pg_temp set timezone = 'Europe/Amsterdam' set work_mem = '128MB'
as $$
declare
  is_assumed constant boolean := (select d.step_is_assumed from jao.dataset d where d.dataset_id = of_dataset_id);
begin
  -- Whoever stores a day waits from its stamp on, and goes on from what is rebuilt.
  perform from jao.clock c where c.dataset_id = of_dataset_id for update;

  -- One pass counts the versions of each series, day and stamp. No cell begins but on a quarter of an hour.
  create temp table counted on commit drop as
  select o.series_id, o.delivery_start::date as business_day, o.known_from,
    count(*)::int as versions, count(o.value)::int as valued,
    (count(*) filter (where date_bin('1 hour', o.delivery_start, '2000-01-01 00:00Z') = o.delivery_start))::int as hours
  from jao.series s
  join jao.observation o using (series_id)
  where s.dataset_id = of_dataset_id
  group by 1, 2, 3;

  create temp table calendar on commit drop as
  select g.day::date as business_day, b.starts_at, b.ends_at, st.step
  from (select min(c.business_day)::timestamp as first_day, max(c.business_day)::timestamp as last_day from counted c) span
  cross join lateral generate_series(span.first_day, span.last_day, interval '1 day') as g (day)
  cross join lateral (
    select g.day at time zone 'Europe/Amsterdam' as starts_at,
      (g.day + interval '1 day') at time zone 'Europe/Amsterdam' as ends_at
  ) b
  join jao.dataset_step st on st.dataset_id = of_dataset_id and st.starts_at <= b.starts_at and st.ends_at > b.starts_at;
  analyze counted, calendar;

  -- Where nobody knows the step, the cells of a day tell it: those that are shown, or, where none is, those
  -- that were. How many series show each delivery start, from each stamp on:
  create temp table shown on commit drop as
  select v.business_day, v.delivery_start, v.known_from,
    sum(sum(v.change)) over (partition by v.business_day, v.delivery_start order by v.known_from) as series
  from (
    select o.delivery_start::date as business_day, o.delivery_start, o.known_from,
      (not o.withdrawn)::int
        - coalesce((not lag(o.withdrawn) over (partition by o.series_id, o.delivery_start order by o.known_from))::int, 0)
        as change
    from jao.series s
    join jao.observation o using (series_id)
    where s.dataset_id = of_dataset_id and is_assumed
  ) v
  group by 1, 2, 3;
  create index on shown (business_day, delivery_start, known_from desc);
  analyze shown;

  -- The delivery periods of each day, from the stamp on at which they became so.
  create temp table grid on commit drop as
  select c.business_day, c.starts_at, c.ends_at, told.step,
    extract(epoch from c.ends_at - c.starts_at)::int / extract(epoch from told.step)::int as cells,
    told.valid_from,
    coalesce(lead(told.valid_from) over (partition by c.business_day order by told.valid_from), 'infinity') as valid_to
  from (
    select of_stamp.business_day, of_stamp.known_from as valid_from, of_stamp.step,
      lag(of_stamp.step) over (partition by of_stamp.business_day order by of_stamp.known_from) as step_before
    from (
      select c.business_day, '-infinity'::timestamptz as known_from, c.step from calendar c
      union all
      select stamp.business_day, stamp.known_from,
        case
          when n.between_hours > n.on_hours then interval '15 minutes'
          when n.between_hours = 0 and n.on_hours * 2 * 3600 > extract(epoch from c.ends_at - c.starts_at) then interval '1 hour'
          else c.step
        end
      from (select distinct sh.business_day, sh.known_from from shown sh) stamp
      join calendar c using (business_day)
      cross join lateral (
        select count(*) filter (where start.is_on_hour) as on_hours, count(*) filter (where not start.is_on_hour) as between_hours
        from (
          select date_bin('1 hour', newest.delivery_start, '2000-01-01 00:00Z') = newest.delivery_start as is_on_hour,
            newest.series > 0 or not bool_or(newest.series > 0) over () as tells
          from (
            select distinct on (sh.delivery_start) sh.delivery_start, sh.series
            from shown sh
            where sh.business_day = stamp.business_day and sh.known_from <= stamp.known_from
            order by sh.delivery_start, sh.known_from desc
          ) newest
        ) start
        where start.tells
      ) n
    ) of_stamp
  ) told
  join calendar c using (business_day)
  where told.step is distinct from told.step_before;
  analyze grid;

  -- The ranges of each series alone, each from the stamp at which its day became so to the next.
  create temp table own_range on commit drop as
  select f.series_id, f.business_day, f.known_from as valid_from, 'infinity'::timestamptz as valid_to, 'present' as state,
    c.starts_at as delivery_start, c.ends_at as delivery_end, c.cells, f.known_from::timestamptz(3) as since
  from (
    select distinct on (n.series_id, n.business_day) n.series_id, n.business_day, n.known_from, n.versions, n.hours,
      bool_and(n.valued = n.versions) over (partition by n.series_id, n.business_day) as has_no_null
    from counted n
    order by n.series_id, n.business_day, n.known_from
  ) f
  join grid c on c.business_day = f.business_day and c.valid_from <= f.known_from and c.valid_to = 'infinity'
  where f.has_no_null and c.cells = case when c.step = interval '1 hour' then f.hours else f.versions end;

  create temp table unequal on commit drop as
  select n.series_id, n.business_day from counted n
  except
  select r.series_id, r.business_day from own_range r;
  -- Without it the planner would read all of history for each of them.
  analyze own_range, unequal;

  create temp table change on commit drop as
  select u.series_id, u.business_day, v.delivery_start, v.known_from, v.state
  from unequal u
  join calendar c using (business_day)
  cross join lateral (
    select told.delivery_start, told.known_from, told.state,
      lag(told.state) over (partition by told.delivery_start order by told.known_from) as state_before
    from (
      select o.delivery_start, o.known_from,
        case when o.value is not null then 'present' when o.withdrawn then 'withdrawn' else 'unavailable' end as state
      from jao.observation o
      where o.series_id = u.series_id and o.delivery_start >= c.starts_at and o.delivery_start < c.ends_at
    ) told
  ) v
  where v.state is distinct from v.state_before;
  create index on change (series_id, business_day);
  analyze change;

  insert into own_range
  select k.series_id, k.business_day, k.valid_from, k.valid_to, part.state, part.delivery_start, part.delivery_end,
    part.cells, part.since
  from (
    select n.series_id, n.business_day, n.known_from as valid_from,
      coalesce(lead(n.known_from) over (partition by n.series_id, n.business_day order by n.known_from), 'infinity') as valid_to
    from (
      select ch.series_id, ch.business_day, ch.known_from
      from change ch
      join grid g on g.business_day = ch.business_day and g.valid_from <= ch.known_from and g.valid_to > ch.known_from
      where date_bin(g.step, ch.delivery_start, g.starts_at) = ch.delivery_start
      union
      select ch.series_id, ch.business_day, g.valid_from
      from change ch
      join grid g on g.business_day = ch.business_day and g.valid_from > ch.known_from
    ) n
  ) k
  join grid c on c.business_day = k.business_day and c.valid_from <= k.valid_from and c.valid_to > k.valid_from
  cross join lateral (
    select cell.state, min(cell.delivery_start) as delivery_start, max(cell.delivery_start) + c.step as delivery_end,
      count(*)::int as cells, max(cell.since) as since
    from (
      select slot.delivery_start, coalesce(newest.state, 'absent') as state, newest.known_from as since,
        count(newest.state) over () as known,
        row_number() over (order by slot.delivery_start)
          - row_number() over (partition by coalesce(newest.state, 'absent') order by slot.delivery_start) as island
      from generate_series(c.starts_at, c.ends_at - c.step, c.step) as slot (delivery_start)
      left join (
        select distinct on (ch.delivery_start) ch.delivery_start, ch.state, ch.known_from
        from change ch
        where ch.series_id = k.series_id and ch.business_day = k.business_day and ch.known_from <= k.valid_from
        order by ch.delivery_start, ch.known_from desc
      ) newest using (delivery_start)
    ) cell
    where cell.known > 0
    group by cell.state, cell.island
  ) part;
  analyze own_range;

  create temp table rebuilt on commit drop as
  select r.business_day, stamp.known_from,
    row_number() over (
      partition by r.business_day, stamp.known_from order by r.delivery_start, r.delivery_end, r.state, r.since
    )::int as part,
    array_agg(r.series_id order by r.series_id) as series_ids, r.state, r.delivery_start, r.delivery_end, r.cells, r.since
  from (select distinct o.business_day, o.valid_from as known_from from own_range o) stamp
  join own_range r on r.business_day = stamp.business_day
    and r.valid_from <= stamp.known_from and r.valid_to > stamp.known_from
  group by r.business_day, stamp.known_from, r.state, r.delivery_start, r.delivery_end, r.cells, r.since;

  -- What is kept as it should be is left as it is.
  create temp table changed on commit drop as
  select business_day from (
    select known_from, business_day, series_ids, state, delivery_start, delivery_end, cells, since, 'rebuilt' from rebuilt
    union all
    select known_from, business_day, series_ids, state, delivery_start, delivery_end, cells, since, 'kept'
    from jao.day_range k where k.dataset_id = of_dataset_id
  ) either
  group by business_day, known_from, series_ids, state, delivery_start, delivery_end, cells, since
  having count(*) = 1;
  delete from jao.day_range k
  where k.dataset_id = of_dataset_id and k.business_day in (select d.business_day from changed d);
  insert into jao.day_range
    (dataset_id, business_day, known_from, part, series_ids, state, delivery_start, delivery_end, cells, since)
  select of_dataset_id, n.business_day, n.known_from, n.part, n.series_ids, n.state, n.delivery_start, n.delivery_end,
    n.cells, n.since
  from rebuilt n where n.business_day in (select d.business_day from changed d);

  with mended as (
    update jao.dataset_day dd
    set step = case when is_assumed then g.step end, step_known_from = case when is_assumed then dd.last_known_from end
    from grid g
    where dd.dataset_id = of_dataset_id and g.business_day = dd.business_day and g.valid_to = 'infinity'
      and (dd.step, dd.step_known_from)
        is distinct from (case when is_assumed then g.step end, case when is_assumed then dd.last_known_from end)
    returning dd.business_day
  )
  insert into changed select m.business_day from mended m;

  return query select
    (select count(distinct n.business_day)::int from rebuilt n),
    (select count(*)::int from rebuilt n),
    (select count(distinct d.business_day)::int from changed d);
  drop table counted, calendar, shown, grid, unequal, change, own_range, rebuilt, changed;
end
$$;
comment on function jao.rebuild_ranges is 'Makes jao.day_range of a dataset anew from its observations, where it differs; tells how many days and ranges there are, and of how many days they differed.';
revoke all on function jao.rebuild_ranges from public;

-- Of what was stored before.
select jao.rebuild_ranges(s.dataset_id) from (select distinct series.dataset_id from jao.series) s;
