alter table ops.attempt add column quarantine_entries integer;
comment on column ops.attempt.quarantine_entries is 'Entries of quarantine that it made, a row with all its cells being one: what was there already is not put there again. Null where an app wrote it that did not count them.';
