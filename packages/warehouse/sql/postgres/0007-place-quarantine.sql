alter table ops.quarantine add column payload_pointer text;
comment on column ops.quarantine.url is 'What was asked for; of a business day that was asked for in parts, the part that has the place.';
comment on column ops.quarantine.pointer is 'JSON pointer into the answer of that URL.';
comment on column ops.quarantine.payload_pointer is 'JSON pointer into the payload of the attempt, where it is another one: the answers for the parts of a day are kept as one. Null where it is the same.';
comment on column ops.quarantine.raw_length is 'Of the whole text, in UTF-16 units, also where it was cut.';
