create table ops.search (
  run_id uuid not null,
  place varchar not null,
  kind varchar not null,
  searched_at timestamptz not null,
  files integer not null
);
comment on table ops.search is 'Where a run looked for files, and when: what was due by then and was not there had not been provided.';
comment on column ops.search.place is 'As it was given: a file, a folder or a pattern, or - for standard input.';
comment on column ops.search.kind is 'file, folder, pattern or stream; only a folder and a pattern find what nobody has named.';
comment on column ops.search.files is 'How many files were found there.';
