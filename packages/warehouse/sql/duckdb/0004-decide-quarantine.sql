-- DuckDB changes no rows of a table that the same transaction has altered, so the table is made anew.
alter table ops.quarantine rename to quarantine_before;

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
  check_id varchar,
  created_at timestamptz not null,
  state varchar not null default 'open',
  decided_at timestamptz,
  decided_by varchar,
  decision_reason varchar,
  decision_run_id uuid,
  constraint quarantine_state check (state in ('open', 'released', 'discarded', 'replayed')),
  constraint quarantine_decided check (
    (state = 'open') = (decided_at is null)
    and (state = 'open') = (decided_by is null)
    and (state = 'open') = (decision_reason is null)
  )
);

-- An entry was made in the transaction that recorded its file.
insert into ops.quarantine
select before.id, before.run_id, before.file_id, before.line, before.reason, before.message, before.raw,
       before.raw_base64, before.raw_bytes, before.raw_sha256, before.contract_version, null,
       coalesce(file.recorded_at, before.state_since), before.state,
       case when before.state <> 'open' then before.state_since end,
       case when before.state <> 'open' then 'votes-ingest' end,
       case when before.state <> 'open' then coalesce(before.state_note, before.state) end,
       try_cast(regexp_extract(before.state_note, '[0-9a-f-]{36}$') as uuid)
  from ops.quarantine_before as before
  left join ops.file as file using (file_id)
 order by before.id;

drop table ops.quarantine_before;

comment on table ops.quarantine is 'Records that are not data: what broke its contract, or was held back by a check, with place and raw text. An entry is decided once, and its decision never changes.';
comment on column ops.quarantine.run_id is 'The run that put it aside.';
comment on column ops.quarantine.raw is 'The line without its line end; null where it is no UTF-8.';
comment on column ops.quarantine.raw_base64 is 'The bytes of a line that is no UTF-8.';
comment on column ops.quarantine.raw_bytes is 'Length of the whole line, also where a line that is too long was cut.';
comment on column ops.quarantine.raw_sha256 is 'Of the whole line, where it was cut.';
comment on column ops.quarantine.contract_version is 'Of the contract that it was last read by.';
comment on column ops.quarantine.check_id is 'The check that held it back; null where it broke its contract.';
comment on column ops.quarantine.state is 'open, or decided: released by a person although a check held it back, discarded for good, or replayed: it could be read later, and became data.';
comment on column ops.quarantine.decided_by is 'A person, or the app where nobody was asked.';
comment on column ops.quarantine.decision_reason is 'Why, in the words of who decided.';
comment on column ops.quarantine.decision_run_id is 'The run of the ledger that the decision was made in.';
