create view jao.check_result as
select
  d.region, d.dataset, r.check_id, r.kind, r.relation, r.period_from, r.period_to, r.outcome, r.severity, r.action,
  r.observed, r.expected, r.value, r.tested, r.failing, r.message, r.duration_ms, r.checked_at, r.run_id, r.result_id,
  -- By columns of the view, so that a condition on them reaches the index.
  row_number() over (
    partition by d.region, d.dataset, r.check_id, r.period_from, r.period_to
    order by r.checked_at desc, r.result_id desc
  ) = 1 as is_newest
from jao.dataset d
join ops.check_result r on r.dataset = d.region || '/' || d.dataset;
comment on view jao.check_result is 'Every result of every check of a dataset; is_newest are those that no later one about the same days has replaced.';
comment on column jao.check_result.period_from is 'The first business day that was checked.';
comment on column jao.check_result.period_to is 'The last business day that was checked.';
comment on column jao.check_result.outcome is 'passed, warned or failed by its thresholds; error: it could not be evaluated; skipped: it has nothing to go by yet.';
comment on column jao.check_result.is_newest is 'Whether no later result of the check is about the same days.';

create view jao.check_failure as
select d.region, d.dataset, r.check_id, r.result_id, f.ordinal, f.row_key
from jao.dataset d
join ops.check_result r on r.dataset = d.region || '/' || d.dataset
join ops.check_failure f using (result_id);
comment on view jao.check_failure is 'The first failing rows of each result, by their keys: up to 1,000; jao-scraper check --keys has all.';
