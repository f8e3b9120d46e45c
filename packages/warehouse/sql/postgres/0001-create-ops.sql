create table ops.run (
  run_id uuid primary key,
  app text not null,
  command text not null,
  dataset text,
  app_version text not null,
  contract_version text not null,
  host text not null,
  process_id integer not null,
  process_mark text not null,
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  outcome text not null default 'running',
  error text,
  read bigint not null default 0,
  accepted bigint not null default 0,
  duplicate bigint not null default 0,
  conflicting bigint not null default 0,
  quarantined bigint not null default 0,
  refused bigint not null default 0,
  unchanged bigint not null default 0,
  constraint run_outcome check (outcome in ('running', 'succeeded', 'failed', 'abandoned')),
  constraint run_ended check ((outcome = 'running') = (ended_at is null)),
  constraint run_totals check (
    ended_at is null
    or read = accepted + duplicate + conflicting + quarantined + refused + unchanged
  )
) with (fillfactor = 80);
create index run_started on ops.run (started_at desc);
create index run_running on ops.run (heartbeat_at) where outcome = 'running';
comment on table ops.run is 'One row per run: one execution of an app. Of an ended run, read = accepted + duplicate + conflicting + quarantined + refused + unchanged.';
comment on column ops.run.run_id is 'UUIDv7: sorts by the time of its start.';
comment on column ops.run.app is 'jao-scraper, for instance.';
comment on column ops.run.dataset is 'The one dataset that it is about; null for several.';
comment on column ops.run.contract_version is 'Of the contracts that the program had.';
comment on column ops.run.host is 'The name of the machine, or of the container.';
comment on column ops.run.process_mark is 'Names the process on its host, and no later one that gets its number.';
comment on column ops.run.heartbeat_at is 'When the run last said that it lives, by the clock of the database.';
comment on column ops.run.outcome is 'running, succeeded, failed, or abandoned: its process died without saying so.';
comment on column ops.run.error is 'Why it failed, in one line.';
comment on column ops.run.read is 'Records, or cells, that the input had.';
comment on column ops.run.accepted is 'That became rows, or versions.';
comment on column ops.run.duplicate is 'That were there twice with the same content.';
comment on column ops.run.conflicting is 'That were there twice with different content, and lost.';
comment on column ops.run.quarantined is 'That broke their contract.';
comment on column ops.run.refused is 'That were good, and came with an input that was refused as a whole.';
comment on column ops.run.unchanged is 'That said what was stored already.';

create table ops.attempt (
  attempt_id bigint generated always as identity primary key,
  run_id uuid not null references ops.run,
  dataset text not null,
  business_day date,
  window_start timestamptz not null,
  window_end timestamptz not null,
  origin text not null,
  url text not null,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  outcome text not null default 'running',
  http_status integer,
  retry_after_ms bigint,
  wire_bytes bigint,
  decoded_bytes bigint,
  duration_ms integer,
  payload_hash bytea,
  contract_version text not null,
  first_row_id bigint,
  last_row_id bigint,
  etag text,
  last_modified text,
  read integer not null default 0,
  added integer not null default 0,
  revised integer not null default 0,
  withdrawn integer not null default 0,
  unchanged integer not null default 0,
  duplicate integer not null default 0,
  quarantined integer not null default 0,
  known_from timestamptz(3),
  error text,
  constraint attempt_outcome check (outcome in (
    'running', 'stored', 'unchanged', 'republished', 'empty', 'not_modified', 'deferred',
    'rejected', 'empty_body', 'html', 'not_json', 'schema', 'failed_check', 'foreign', 'too_large', 'http_4xx', 'http_429',
    'http_5xx', 'range_refused', 'redirect_refused', 'dns', 'connect', 'tls', 'connect_timeout',
    'headers_timeout', 'total_timeout', 'reset', 'truncated', 'cancelled', 'fenced', 'abandoned'
  )),
  constraint attempt_ended check ((outcome = 'running') = (ended_at is null)),
  constraint attempt_window check (window_start < window_end),
  constraint attempt_hash check (octet_length(payload_hash) = 32)
) with (fillfactor = 80);
create index attempt_by_day on ops.attempt (dataset, business_day, attempt_id);
create index attempt_by_run on ops.attempt (run_id);
create index attempt_running on ops.attempt (dataset, business_day) where outcome = 'running';
comment on table ops.attempt is 'One row per request to a source, written before it goes out: what was asked, what came, what became of it.';
comment on column ops.attempt.dataset is 'As on command lines: core/maxExchanges.';
comment on column ops.attempt.business_day is 'The day that was asked for; null where the window is no single day.';
comment on column ops.attempt.window_start is 'Of the half-open interval that was asked for.';
comment on column ops.attempt.origin is 'Scheme, host and port: what shares one pace.';
comment on column ops.attempt.ended_at is 'When it was known what became of it, by the clock of the database.';
comment on column ops.attempt.outcome is 'running: the request is out, or its process died; stored, unchanged, republished, empty, not_modified and deferred are successes; abandoned was set by who took over; the rest says what failed.';
comment on column ops.attempt.retry_after_ms is 'What the source asked to wait, as it said.';
comment on column ops.attempt.wire_bytes is 'As received, compressed or not.';
comment on column ops.attempt.payload_hash is 'SHA-256 of the decoded bytes: the key of ops.payload.';
comment on column ops.attempt.contract_version is 'Of the contract that the answer was read by.';
comment on column ops.attempt.first_row_id is 'The lowest row id of the source in the answer.';
comment on column ops.attempt.read is 'Cells that the answer had: read = added + revised + unchanged + duplicate + quarantined.';
comment on column ops.attempt.added is 'Cells whose first version this attempt brought.';
comment on column ops.attempt.revised is 'Cells that got another value.';
comment on column ops.attempt.withdrawn is 'Cells that the answer lacked, and that had been there.';
comment on column ops.attempt.unchanged is 'Cells that said what was stored already.';
comment on column ops.attempt.duplicate is 'Cells of rows that said the same as another row of the answer.';
comment on column ops.attempt.quarantined is 'Cells that broke their contract, alone or with their row.';
comment on column ops.attempt.known_from is 'The stamp of all that it stored, so that it outlives what was stored; null where that is nothing.';

create table ops.payload (
  payload_hash bytea primary key,
  content bytea not null,
  encoding text not null,
  decoded_bytes integer not null,
  first_attempt_id bigint not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  constraint payload_hash_length check (octet_length(payload_hash) = 32),
  constraint payload_encoding check (encoding in ('zstd', 'identity'))
);
-- It is compressed already.
alter table ops.payload alter column content set storage external;
comment on table ops.payload is 'The bytes that sources answered with, each content once: what any stored value can be traced to and read again from.';
comment on column ops.payload.payload_hash is 'SHA-256 of the decoded bytes.';
comment on column ops.payload.content is 'The decoded bytes, compressed as encoding says.';

create table ops.claim (
  dataset text not null,
  business_day date not null,
  token bigint not null,
  run_id uuid not null,
  claimed_until timestamptz,
  primary key (dataset, business_day)
) with (fillfactor = 50);
comment on table ops.claim is 'Who works on which day. A row is also the day''s lock: the transaction that stores a day holds it.';
comment on column ops.claim.token is 'Goes up each time the day is taken: who holds a lower one has lost it, and may not write.';
comment on column ops.claim.run_id is 'Who took it last.';
comment on column ops.claim.claimed_until is 'Null or past: free. By the clock of the database.';

create table ops.lease (
  name text primary key,
  token bigint not null,
  holder text not null,
  run_id uuid not null,
  leased_until timestamptz not null,
  acquired_at timestamptz not null,
  renewed_at timestamptz not null
) with (fillfactor = 50);
comment on table ops.lease is 'What only one process does at a time, and who: scheduling, for instance.';
comment on column ops.lease.token is 'Goes up each time the lease changes hands.';
comment on column ops.lease.leased_until is 'Past: free. By the clock of the database.';

create table ops.origin (
  origin text primary key,
  tokens double precision not null,
  refilled_at timestamptz not null,
  paused_until timestamptz,
  requests bigint not null default 0
) with (fillfactor = 50);
comment on table ops.origin is 'The pace of requests to a source, which all processes share: a bucket of tokens, of which each request takes one.';
comment on column ops.origin.tokens is 'What was in the bucket at refilled_at.';
comment on column ops.origin.paused_until is 'Nobody asks before: the source wants it so.';
comment on column ops.origin.requests is 'Tokens that were ever taken.';

create table ops.quarantine (
  quarantine_id bigint generated always as identity primary key,
  run_id uuid not null,
  attempt_id bigint not null references ops.attempt,
  dataset text not null,
  business_day date,
  url text not null,
  pointer text not null,
  series_key text,
  delivery_start timestamptz,
  reason text not null,
  message text not null,
  raw text,
  raw_length integer not null,
  contract_version text not null,
  state text not null default 'open',
  created_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  decided_by text,
  decision_reason text,
  constraint quarantine_state check (state in ('open', 'released', 'discarded', 'replayed')),
  constraint quarantine_decided check ((state = 'open') = (decided_at is null))
);
create index quarantine_by_day on ops.quarantine (dataset, business_day);
create index quarantine_by_attempt on ops.quarantine (attempt_id);
create index quarantine_open on ops.quarantine (dataset, reason, created_at) where state = 'open';
comment on table ops.quarantine is 'What broke its contract, with its place and its raw text.';
comment on column ops.quarantine.pointer is 'JSON pointer into the answer.';
comment on column ops.quarantine.series_key is 'The key whose cell it is; null for a whole row.';
comment on column ops.quarantine.raw is 'As it came, cut to a length, with U+2400 for NUL and U+FFFD for what is no character.';
comment on column ops.quarantine.raw_length is 'Of the whole text, in UTF-16 units, also where it was cut.';
comment on column ops.quarantine.state is 'open, released, discarded or replayed.';

create table ops.drift (
  dataset text not null,
  kind text not null,
  value text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  times bigint not null,
  first_attempt_id bigint not null,
  primary key (dataset, kind, value)
);
comment on table ops.drift is 'What a contract does not know and was kept: unknown fields, new keys, another step.';
comment on column ops.drift.times is 'In how many answers.';

create table ops.counter (
  name text not null,
  labels jsonb not null,
  value double precision not null,
  primary key (name, labels)
) with (fillfactor = 50);
comment on table ops.counter is 'Counts that only go up, written in the transaction of what they count, for metrics.';
