-- What was checked anew may have been checked with more days: then nothing of the old result is left.
create or replace view jao.check_result as
select
  d.region, d.dataset, r.check_id, r.kind, r.relation, r.period_from, r.period_to, r.outcome, r.severity, r.action,
  r.observed, r.expected, r.value, r.tested, r.failing, r.message, r.duration_ms, r.checked_at, r.run_id, r.result_id,
  not exists (
    select from ops.check_result later
    where later.dataset = r.dataset and later.check_id = r.check_id
      and later.checked_at >= r.checked_at and (later.checked_at, later.result_id) > (r.checked_at, r.result_id)
      and (
        (later.period_from <= r.period_from and later.period_to >= r.period_to)
        or (later.period_from is null and r.period_from is null)
      )
  ) as is_newest
from jao.dataset d
join ops.check_result r on r.dataset = d.region || '/' || d.dataset;
comment on view jao.check_result is 'Every result of every check of a dataset; is_newest are those that no later one about all of their days has replaced.';
comment on column jao.check_result.is_newest is 'Whether no later result of the check is about all the days that this one is about.';
