create table ops.run (
  run_id uuid not null,
  dataset varchar not null,
  command varchar not null,
  app_version varchar not null,
  contract_version varchar not null,
  process_id integer not null,
  host varchar not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  outcome varchar not null,
  error varchar
);
comment on table ops.run is 'One row per run: one execution of an app over one input.';
comment on column ops.run.outcome is 'running, succeeded, failed, or abandoned: its process died without saying so.';

create table ops.file (
  file_id integer not null,
  run_id uuid not null,
  path varchar not null,
  sha256 varchar,
  bytes bigint not null,
  outcome varchar not null,
  on_conflict varchar not null,
  recorded_at timestamptz not null,
  read bigint not null,
  accepted bigint not null,
  duplicate bigint not null,
  conflicting bigint not null,
  quarantined bigint not null,
  refused bigint not null,
  unloaded_rows bigint not null default 0,
  error varchar
);
comment on table ops.file is 'One row per file and run: read = accepted + duplicate + conflicting + quarantined + refused.';
comment on column ops.file.file_id is 'What FileId in a dataset''s table joins to.';
comment on column ops.file.sha256 is 'Of the bytes as stored, in hex, as sha256sum prints it; null where they could not be read to their end.';
comment on column ops.file.outcome is 'ingested, already_ingested, refused, or unloaded: taken out again.';
comment on column ops.file.unloaded_rows is 'Rows of this file that were taken out again: the sum of accepted less this is the number of rows.';

create table ops.accepted_lines (
  file_id integer not null,
  sequence bigint not null,
  first_line bigint not null,
  line_count bigint not null
);
comment on table ops.accepted_lines is 'Which lines of a file became rows, as runs of consecutive lines in the order their rows were written: the n-th row of a file, by rowid, comes from the n-th of these lines that no conflict took away.';

create table ops.overlap (
  file_id integer not null,
  holder_file_id integer not null,
  duplicate bigint not null,
  conflicting bigint not null
);
comment on table ops.overlap is 'How many records of a file met a row that another file had brought.';

create table ops.conflict (
  run_id uuid not null,
  found_at timestamptz not null,
  policy varchar not null,
  key bigint not null,
  winner_file_id integer not null,
  winner_line bigint,
  winner json not null,
  loser_file_id integer not null,
  loser_line bigint,
  loser json not null
);
comment on table ops.conflict is 'Records with one key and different content: who won, who lost, and where both stand.';

create table ops.quarantine (
  id bigint not null,
  run_id uuid not null,
  file_id integer not null,
  line bigint not null,
  reason varchar not null,
  message varchar not null,
  raw varchar,
  raw_base64 varchar,
  raw_bytes bigint not null,
  raw_sha256 varchar,
  contract_version varchar not null,
  state varchar not null,
  state_since timestamptz not null,
  state_note varchar
);
comment on table ops.quarantine is 'Records that broke their contract, with their place and their raw text.';
comment on column ops.quarantine.raw is 'The line without its line end; null where it is no UTF-8.';
comment on column ops.quarantine.raw_base64 is 'The bytes of a line that is no UTF-8.';
comment on column ops.quarantine.raw_bytes is 'Length of the whole line, also where a line that is too long was cut.';
comment on column ops.quarantine.raw_sha256 is 'Of the whole line, where it was cut.';
comment on column ops.quarantine.state is 'open, released, discarded or replayed.';

create table ops.drift (
  run_id uuid not null,
  file_id integer not null,
  kind varchar not null,
  value varchar not null,
  count bigint not null
);
comment on table ops.drift is 'What the contract does not know and was kept: unknown fields and vote types, counted.';
