create table ops.check_result (
  result_id uuid primary key,
  run_id uuid not null references ops.run,
  dataset text not null,
  relation text not null,
  scope text,
  check_id text not null,
  kind text not null,
  fingerprint text not null,
  outcome text not null,
  severity text,
  action text,
  observed text,
  expected text not null,
  value double precision,
  tested bigint,
  failing bigint,
  message text not null,
  duration_ms double precision not null,
  checked_at timestamptz not null,
  period_from date,
  period_to date,
  constraint check_result_outcome check (outcome in ('passed', 'warned', 'failed', 'error', 'skipped')),
  constraint check_result_severity check (severity in ('warn', 'error')),
  constraint check_result_crossed check ((severity is not null) = (outcome in ('warned', 'failed'))),
  constraint check_result_action check (action in ('warn', 'quarantine', 'refuse')),
  constraint check_result_period check (period_from <= period_to and (period_from is null) = (period_to is null))
);
create index check_result_history on ops.check_result (dataset, check_id, checked_at desc);
create index check_result_by_day on ops.check_result (dataset, check_id, period_from desc) where period_from is not null;
create index check_result_by_run on ops.check_result (run_id);
comment on table ops.check_result is 'One row per check and run: what was expected, what was found, what follows. Append-only.';
comment on column ops.check_result.relation is 'The table or view that was checked: schema.table.';
comment on column ops.check_result.scope is 'Which of its rows were checked, as a condition; null for all of them.';
comment on column ops.check_result.check_id is 'Names the check within its dataset, for good.';
comment on column ops.check_result.fingerprint is 'SHA-256 of the canonical declaration, in hex: another one is another check of the same name.';
comment on column ops.check_result.outcome is 'passed, warned or failed by its thresholds; error: it could not be evaluated; skipped: it has nothing to go by yet.';
comment on column ops.check_result.severity is 'Which threshold was crossed: warn or error.';
comment on column ops.check_result.action is 'What follows: warn, quarantine the failing rows, or refuse the batch; null where nothing does.';
comment on column ops.check_result.value is 'What was found, where it is a number: what a trend is drawn of.';
comment on column ops.check_result.tested is 'Rows, slots or columns that the check was about.';
comment on column ops.check_result.failing is 'How many of those failed: all of them, also where fewer are kept.';
comment on column ops.check_result.duration_ms is 'Of a scan that several checks share, its part.';
comment on column ops.check_result.checked_at is 'By the clock that the check was given.';
comment on column ops.check_result.period_from is 'The first day that the rows are about; null where they are not told by days.';
comment on column ops.check_result.period_to is 'The last day that they are about.';

create table ops.check_failure (
  result_id uuid not null references ops.check_result,
  ordinal integer not null,
  row_key jsonb not null,
  primary key (result_id, ordinal)
);
comment on table ops.check_failure is 'The first failing rows of a check, by key: 1,000 unless configured.';
comment on column ops.check_failure.ordinal is 'From 1, in the order of the keys.';
comment on column ops.check_failure.row_key is 'The key''s columns with their values; times as ISO 8601 text.';
