-- Readers see nothing of ops; how far the schema has come is theirs to know, too.
create view jao.migration as
select component, version, name, applied_at, app_version from ops.migration where version > 0;
comment on view jao.migration is 'One row per migration that was applied, by the component that owns it.';
