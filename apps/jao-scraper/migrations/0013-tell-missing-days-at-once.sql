-- The keys of a day that nothing is known of need not be told apart from what is there.
create or replace function jao.coverage_block_as_of(at timestamptz)
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
      select l.known_at, case
        -- Of a day that nothing is known of, it is whole lives.
        when known.known_from is null and known.quarantined_ids is null then
          case when day.business_day < l.first_day or day.business_day > l.last_day then '{}' else l.series_ids end
        else array(
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
        )
      end as series_ids
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
      -- What nothing is wrong with says what it has, and what it has not.
      array_agg(a.ended_at) filter (where a.outcome in ('stored', 'unchanged', 'republished', 'not_modified')
        and a.quarantined = 0 and a.ended_at > day.due_at) as sound_at,
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
          -- What names no cell may be of it until a sound answer has come.
          and ((q.key = s.key and q.delivery_start = slot.delivery_start) or (q.created_at >= all (asked.sound_at)) is not false)
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
          (select max(least(
             case when q.decided_at <= at then q.decided_at end,
             case when (q.key = s.key and q.delivery_start = slot.delivery_start) is not true then
               (select min(sound.ended_at) from unnest(asked.sound_at) as sound (ended_at) where sound.ended_at > q.created_at)
             end
           )) from jao.quarantined_cell q
           where q.region = day.region and q.dataset = day.dataset and q.business_day = day.business_day
             and (q.key = s.key or q.key is null or s.key is null)
             and (q.delivery_start = slot.delivery_start or q.delivery_start is null)
             and q.created_at <= at) as odd_until
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
