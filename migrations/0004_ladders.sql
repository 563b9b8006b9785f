-- What was said on the wire about a call, kept for some days. A row may come before its call: facts
-- about calls wait on disk while the database is away, ladders do not.

create table ladders (
    call_id text primary key,
    at      bigint not null,              -- when it was written; what is old is deleted
    told    bytea not null                -- a line about each message, then the message: src/domain/calling/ladder/written.rs
);
create index ladders_by_time on ladders (at);
