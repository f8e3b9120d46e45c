create table ops.check_result (
  result_id uuid not null,
  run_id uuid not null,
  dataset varchar not null,
  relation varchar not null,
  scope varchar,
  check_id varchar not null,
  kind varchar not null,
  fingerprint varchar not null,
  outcome varchar not null,
  severity varchar,
  action varchar,
  observed varchar,
  expected varchar not null,
  value double,
  tested bigint,
  failing bigint,
  message varchar not null,
  duration_ms double not null,
  checked_at timestamptz not null,
  period_from date,
  period_to date
);
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
  result_id uuid not null,
  ordinal integer not null,
  row_key json not null
);
comment on table ops.check_failure is 'The first failing rows of a check, by key: 1,000 unless configured.';
comment on column ops.check_failure.ordinal is 'From 1, in the order of the keys.';
comment on column ops.check_failure.row_key is 'The key''s columns with their values; times as ISO 8601 text.';
