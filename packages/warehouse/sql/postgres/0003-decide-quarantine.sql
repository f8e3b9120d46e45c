alter table ops.quarantine
  add column check_id text,
  add column decision_run_id uuid references ops.run,
  add constraint quarantine_decision check (
    (state = 'open') = (decided_by is null) and (state = 'open') = (decision_reason is null)
  );
create index quarantine_by_decision on ops.quarantine (decision_run_id) where decision_run_id is not null;
comment on table ops.quarantine is 'What is no data: what broke its contract, or was held back by a check, with its place and its raw text. An entry is decided once, and its decision never changes.';
comment on column ops.quarantine.check_id is 'The check that held it back; null where it broke its contract.';
comment on column ops.quarantine.state is 'open, or decided: released by a person although a check held it back, discarded for good, or replayed: it could be read later, and became data.';
comment on column ops.quarantine.decided_by is 'A person, or the app where nobody was asked.';
comment on column ops.quarantine.decision_reason is 'Why, in the words of who decided.';
comment on column ops.quarantine.decision_run_id is 'The run of the ledger that the decision was made in.';

create function ops.keep_decision() returns trigger
language plpgsql
as $$
begin
  raise exception 'quarantine entry % was % by %', old.quarantine_id, old.state, old.decided_by
    using errcode = 'object_not_in_prerequisite_state', hint = 'An entry is decided once.';
end
$$;
comment on function ops.keep_decision is 'Refuses to change an entry of quarantine that was decided.';

create trigger keep_decision before update on ops.quarantine
for each row when (old.state <> 'open') execute function ops.keep_decision();
