-- Facts that happen once, on their way to a webhook: rows that are written in the transaction of what they
-- tell, and delivered from here. They are ops' and not jao's: readers see the data itself.

create table ops.outbox_switch (
  only_row boolean primary key default true check (only_row),
  is_on boolean not null,
  changed_at timestamptz not null default clock_timestamp()
);
comment on table ops.outbox_switch is 'Whether events are written, by whoever stores anything in this database: one row.';
comment on column ops.outbox_switch.is_on is 'Off until a process comes that delivers them.';
insert into ops.outbox_switch (is_on) values (false);

create table ops.outbox (
  event_id bigint generated always as identity primary key,
  id uuid not null unique default gen_random_uuid(),
  type text not null,
  dataset text not null,
  business_day date not null,
  occurred_at timestamptz not null,
  data jsonb not null,
  state text not null default 'pending',
  waits_since timestamptz not null default clock_timestamp(),
  tries int not null default 0,
  next_try_at timestamptz not null default clock_timestamp(),
  lease_token bigint not null default 0,
  leased_until timestamptz,
  last_tried_at timestamptz,
  last_status int,
  last_failure text,
  settled_at timestamptz,
  constraint outbox_type check (type in ('day_complete', 'gap_closed', 'revision', 'new_keys', 'vanished_keys')),
  constraint outbox_state check (state in ('pending', 'delivered', 'dead', 'discarded')),
  constraint outbox_settled check ((state = 'pending') = (settled_at is null))
) with (fillfactor = 80);
create index outbox_pending on ops.outbox (dataset, event_id) where state = 'pending';
create index outbox_waiting on ops.outbox (waits_since) where state = 'pending';
create index outbox_dead on ops.outbox (event_id) where state = 'dead';
create index outbox_settled on ops.outbox (settled_at) where state in ('delivered', 'discarded');
comment on table ops.outbox is 'One row per event: a fact that happened once, written in the transaction that stored what it tells of.';
comment on column ops.outbox.event_id is 'Goes up: of one dataset in the order of its stamps.';
comment on column ops.outbox.id is 'The id that receivers know it by, the same at every try.';
comment on column ops.outbox.dataset is 'As on command lines: core/maxExchanges.';
comment on column ops.outbox.business_day is 'The day that it is about.';
comment on column ops.outbox.occurred_at is 'The stamp of what was stored, or when it became so, by the clock of the database.';
comment on column ops.outbox.data is 'What happened, bounded in size; its form is a contract.';
comment on column ops.outbox.state is 'pending: to be delivered; delivered: the receiver has said so; dead: it was tried as often as it may be, or the receiver wants none any more; discarded: a person gave it up.';
comment on column ops.outbox.waits_since is 'Since when it is pending: since it was written, or was to be delivered again.';
comment on column ops.outbox.tries is 'How often it was sent since then, those included that were not heard of again.';
comment on column ops.outbox.next_try_at is 'Not sent before.';
comment on column ops.outbox.lease_token is 'Goes up each time it is taken to be sent.';
comment on column ops.outbox.leased_until is 'Past, or null: nobody is sending it. By the clock of the database.';
comment on column ops.outbox.last_tried_at is 'When it was last taken to be sent.';
comment on column ops.outbox.last_status is 'The status of the receiver''s last answer; null where none came.';
comment on column ops.outbox.last_failure is 'Why the last try failed, as a reason code; null where it did not.';
comment on column ops.outbox.settled_at is 'When it stopped being pending.';

create function ops.forget_events(older_than interval) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  forgotten int;
begin
  -- A part at a time, so that it is soon done; whoever comes at the same moment takes others.
  delete from ops.outbox where event_id in (
    select event_id from ops.outbox
    where state in ('delivered', 'discarded') and settled_at < clock_timestamp() - older_than
    order by settled_at limit 10000 for update skip locked
  );
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;
comment on function ops.forget_events is 'Removes events that were delivered, or discarded, longer ago than that, up to 10,000 of them; gives how many.';
revoke all on function ops.forget_events from public;

alter table jao.dataset_day add column first_finished_at timestamptz;
comment on column jao.dataset_day.first_finished_at is 'When the day was first finished; of days from before this was kept, when it was last asked for.';
update jao.dataset_day set first_finished_at = asked_at where finished;

create function jao.note_first_finish() returns trigger
language plpgsql as $$
begin
  new.first_finished_at := clock_timestamp();
  return new;
end
$$;
comment on function jao.note_first_finish is 'Keeps first_finished_at of jao.dataset_day.';
revoke all on function jao.note_first_finish from public;

create trigger note_first_finish before insert or update on jao.dataset_day
for each row when (new.finished and new.first_finished_at is null)
execute function jao.note_first_finish();

create function jao.news_of_day(of_dataset_id int, day date, at timestamptz) returns text
language sql stable as $$
select case
  when at < due.missing_from then 'in_time'
  when exists (
    select from jao.series s where s.dataset_id = of_dataset_id and s.first_seen_at < due.missing_from
  ) then 'missed'
  when at < due.due_at + due.observed_within then 'recent'
end
from (
  select d.observed_within, day_due.due_at, day_due.due_at + d.grace as missing_from
  from jao.dataset d
  cross join lateral (
    select (day + d.due_day_offset + d.due_time) at time zone d.zone as due_at
  ) day_due
  where d.dataset_id = of_dataset_id
) due
$$;
comment on function jao.news_of_day is 'Why it is news what is learned of a business day at that time: in_time, before its grace is over; missed, since it should have been there, and the dataset was collected by then; recent, as values are that are observed. Null where it is history that is loaded.';
revoke all on function jao.news_of_day from public;

create function jao.tell_first_finish() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  news text;
begin
  if not (select is_on from ops.outbox_switch) then
    return null;
  end if;
  news := jao.news_of_day(new.dataset_id, new.business_day, new.first_finished_at);
  insert into ops.outbox (type, dataset, business_day, occurred_at, data)
  select case news when 'missed' then 'gap_closed' else 'day_complete' end, d.region || '/' || d.dataset,
    new.business_day, new.first_finished_at,
    jsonb_build_object(
      'state', new.state, 'cells', new.cells, 'quarantined', new.quarantined,
      'dueAt', to_char((new.business_day + d.due_day_offset + d.due_time) at time zone d.zone at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      'knownFrom', to_char(new.last_known_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
  from jao.dataset d
  where d.dataset_id = new.dataset_id and news is not null;
  return null;
end
$$;
comment on function jao.tell_first_finish is 'Writes the event of a business day that is finished for the first time, where that is news.';
revoke all on function jao.tell_first_finish from public;

-- After the row: one that meets another becomes an update, and is told once.
create trigger tell_first_finish after insert on jao.dataset_day
for each row when (new.first_finished_at is not null)
execute function jao.tell_first_finish();
create trigger tell_day_finished after update on jao.dataset_day
for each row when (old.first_finished_at is null and new.first_finished_at is not null)
execute function jao.tell_first_finish();

create view ops.metrics_outbox_v1 as
select
  (select count(*) from ops.outbox where state = 'pending') as pending,
  (select count(*) from ops.outbox where state = 'dead') as dead,
  (select min(waits_since) from ops.outbox where state = 'pending') as oldest_pending_since;
comment on view ops.metrics_outbox_v1 is 'One row: events that are to be delivered, since when the oldest of them waits, and those that were given up.';
