alter table ops.file add column format varchar;
comment on column ops.file.format is 'json or xml: how its lines are read, also when they are tried again; null where none was.';

alter table ops.file add column unloaded_run_id uuid;
comment on column ops.file.unloaded_run_id is 'The run that took the file out again.';

alter table ops.file add column forgotten_run_id uuid;
comment on column ops.file.forgotten_run_id is 'The run that took out another file with which this one shared records: its content is no longer known, so that it can be ingested again and bring them back.';
