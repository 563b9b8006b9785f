-- The audit log: who has asked to read or to change what is known of people.

create table audit (
    id      text primary key,            -- UUID of version 7
    at      bigint not null,
    who     text not null,               -- user:<id>, key:<id>
    what    text not null,               -- read, list, write, delete
    kind    text not null,               -- contact, call, recording …
    subject text,                        -- which one; null: a list, or one that had no id yet
    seq     bigint,                      -- its place in the chain, from 1; null: it is sealed within a second
    hash    text                         -- SHA-256 over the one before and this one, hex
);
create index audit_by_time on audit (at, id);
create index audit_by_subject on audit (subject, at, id) where subject is not null;
create index audit_by_who on audit (who, at, id);
create unique index audit_chain on audit (seq) where seq is not null;
create index audit_to_seal on audit (id) where seq is null;

-- Where the chain begins and ends.
create table audit_ends (
    which text primary key,              -- start: the last that was forgotten; head: the last that was sealed
    seq   bigint not null,
    hash  text not null
);
insert into audit_ends (which, seq, hash) values ('start', 0, ''), ('head', 0, '');
