-- A cap may be of one segment: only who is in it has it.
alter table caps add column segment_id text;
