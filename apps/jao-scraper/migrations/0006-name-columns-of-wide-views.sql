create or replace function jao.refresh_wide_view(of_dataset_id int) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  of_dataset jao.dataset;
  of_series record;
  name text;
  taken text[] := array['business_day', 'delivery_start', 'delivery_end'];
  key_columns text := '';
  comments text[] := '{}';
begin
  select * into strict of_dataset from jao.dataset where dataset_id = of_dataset_id;
  -- Two refreshes at once would each leave out what the other does not see yet.
  perform pg_advisory_xact_lock(hashtext('jao.refresh_wide_view'), of_dataset_id);
  -- A name has at most 63 bytes, and is no other column's: it is made its own by the series' number, and a
  -- comment tells the key. Those before it keep theirs, whatever keys come.
  for of_series in select s.series_id, s.key from jao.series s where s.dataset_id = of_dataset_id order by s.series_id loop
    name := of_series.key;
    if octet_length(name) > 63 or name = any (taken) then
      name := format('%s_%s', left(of_series.key, 12), of_series.series_id);
      while name = any (taken) loop
        name := name || '_';
      end loop;
      comments := comments || format('comment on column jao.%I.%I is %L', of_dataset.wide_view, name,
        format('The key %s.', of_series.key));
    end if;
    taken := taken || name;
    key_columns := key_columns || format(', max(l.value) filter (where l.key = %L) as %I', of_series.key, name);
  end loop;
  execute format(
    'create or replace view jao.%I as
     select l.business_day, l.delivery_start, l.delivery_end%s
     from jao.latest l where l.region = %L and l.dataset = %L
     group by l.business_day, l.delivery_start, l.delivery_end',
    of_dataset.wide_view, key_columns, of_dataset.region, of_dataset.dataset);
  execute format('comment on view jao.%I is %L', of_dataset.wide_view,
    format('The newest values of %s/%s, one column per key in %s; a null is a null of the source, or no value. '
        'A column stays when its key comes no more, since other views may be built on it; the comment of a column '
        'tells its key where that is no name for a column.',
      of_dataset.region, of_dataset.dataset, of_dataset.unit));
  for i in 1 .. cardinality(comments) loop
    execute comments[i];
  end loop;
  if exists (select from pg_roles where rolname = 'sluice_reader') then
    execute format('grant select on jao.%I to sluice_reader', of_dataset.wide_view);
  end if;
  return of_dataset.wide_view;
end
$$;

-- Of what is there already, with the comments.
select jao.refresh_wide_view(s.dataset_id) from (select distinct series.dataset_id from jao.series) s;
