-- People who are forgotten: what points at nobody any more, and what keeps them from coming back.

alter table contacts add column erased_at bigint;      -- set: an empty shell, on which the consent ledger stands
create index contacts_standing on contacts (id) where merged_into is null and erased_at is null;
create index claims_by_value on claims (kind, value);
create index segment_moves_by_contact on segment_moves (contact_id);
create index calls_by_caller on calls (caller) where caller is not null;

-- Each erasure, for whoever has to show it and for a backup that is put back.
create table erasures (
    contact_id text primary key references contacts (id),
    at         bigint not null,
    by_whom    text not null,            -- user:<id>, key:<id>; replay: after a backup was put back
    why        text not null,            -- request, objection, retention
    touched    text not null             -- JSON: rows by table
);
create index erasures_by_time on erasures (at, contact_id);

-- An identity that was erased is written by no program and no file again, unless the person has come back.
create table tombstones (
    hash text primary key,               -- HMAC-SHA256 of kind and value, hex
    at   bigint not null
);

-- The key of that hash; there is one, made with the first tombstone.
create table tombstone_key (
    one smallint primary key check (one = 1),
    key text not null
);
