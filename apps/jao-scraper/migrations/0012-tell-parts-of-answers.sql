-- The answers for the parts of a day are one answer, which is told of the last part: of the others alone nobody
-- can say that nothing is wrong with them.
create or replace view jao.attempt as
select d.region, d.dataset, a.dataset as name, a.business_day, a.attempt_id, a.started_at, a.ended_at, a.outcome,
  a.outcome in ('stored', 'unchanged', 'republished', 'empty', 'not_modified', 'deferred') as succeeded,
  case
    when a.payload_hash is null and a.outcome in ('stored', 'unchanged', 'republished', 'empty', 'deferred')
      and (
        a.window_start > a.business_day::timestamp at time zone 'Europe/Amsterdam'
        or a.window_end < (a.business_day + 1)::timestamp at time zone 'Europe/Amsterdam'
      )
    then null
    else a.quarantined
  end as quarantined
from ops.attempt a
join jao.dataset d on a.dataset = d.region || '/' || d.dataset;
comment on column jao.attempt.quarantined is 'Cells of its answer that are in quarantine, those of rows included. Null for a part of a business day that was asked for in parts, but for the last: it has those of all.';
