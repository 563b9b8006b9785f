-- What reports count: the calls of each hour, ready to be added up, and which hours are to be counted anew.

create table call_hours (
    hour  bigint primary key,   -- in which the calls arrived; hours since 1970 (UTC)
    seq   bigint not null,      -- what the revision `call_hours` was then; a later count has a higher one
    facts text not null         -- JSON: when each call came, how it ended, how likely it came from where
);
create index call_hours_by_seq on call_hours (seq, hour);

-- A row for each change, so that writers never wait for each other.
create table hours_to_count (
    mark text primary key,
    hour bigint not null
);
create index hours_to_count_by_hour on hours_to_count (hour);

insert into revisions (name, value) values ('call_hours', 0);
insert into hours_to_count (mark, hour)
    select cast(arrived_at / 3600000 as text), arrived_at / 3600000 from calls group by arrived_at / 3600000;

-- Who had called before is asked for each call that is counted.
create index calls_by_caller_time on calls (caller, arrived_at) where caller is not null;
drop index calls_by_caller;
