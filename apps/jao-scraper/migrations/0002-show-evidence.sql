create view jao.attempt as
select d.region, d.dataset, a.dataset as name, a.business_day, a.attempt_id, a.started_at, a.ended_at, a.outcome,
  a.outcome in ('stored', 'unchanged', 'republished', 'empty', 'not_modified', 'deferred') as succeeded
from ops.attempt a
join jao.dataset d on a.dataset = d.region || '/' || d.dataset;
comment on view jao.attempt is 'Every request: what separates a value that we did not ask for from one that was not there.';

create view jao.quarantined_cell as
select d.region, d.dataset, q.dataset as name, q.business_day, q.series_key as key, q.delivery_start, q.reason,
  q.message, q.raw, q.pointer, q.attempt_id, q.created_at, q.decided_at, q.quarantine_id, q.run_id, q.url,
  q.raw_length, q.contract_version, q.check_id, q.state, q.decided_by, q.decision_reason, q.decision_run_id
from ops.quarantine q
join jao.dataset d on q.dataset = d.region || '/' || d.dataset;
comment on view jao.quarantined_cell is 'Cells and rows that are no data, and what was decided about them; a row has no key, and one whose time could not be read no delivery_start.';
