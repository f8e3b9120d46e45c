alter table ops.attempt add column quarantine_entries integer;
comment on column ops.attempt.quarantine_entries is 'Entries of quarantine that it made, a row with all its cells being one: what was there already is not put there again. Null where an app wrote it that did not count them.';

-- Until now the message alone named the check.
update ops.quarantine set check_id = substring(message from '^check ([^:]+): ')
where state = 'open' and reason = 'failed_check' and check_id is null;
