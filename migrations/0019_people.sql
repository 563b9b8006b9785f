-- Contacts that can be written, found and merged.

-- `name` is what was said; these are what a program or an employee writes.
alter table contacts add column given_name text;
alter table contacts add column family_name text;
alter table contacts add column language text;                       -- BCP 47
alter table contacts add column addresses text;                      -- JSON array of postal addresses; null: none
alter table contacts add column merged_into text references contacts (id);   -- whom it is part of; null: it stands for itself
alter table contacts add column fields text;                         -- JSON object: custom fields; null: none
alter table contacts add column keyed bigint not null default 0;     -- the rules by which its keys were made
update contacts set keyed = 1 where name is null;
create index contacts_to_key on contacts (keyed, id);
create index contacts_by_time on contacts (created_at, id);
create index contacts_merged on contacts (merged_into) where merged_into is not null;

-- By what contacts are found that no identity names: words of their names, and what who are alike have in common.
create table contact_keys (
    kind       text not null,            -- word, alike
    value      text not null,
    contact_id text not null references contacts (id),
    primary key (kind, value, contact_id)
);
create index contact_keys_by_contact on contact_keys (contact_id);

alter table identities add column written smallint not null default 0;   -- 1: a program or an employee has written it
alter table identities add column verified_at bigint;                    -- since when it is known to be theirs; null: it is not
create index identities_by_last_digits on identities (substr(value, length(value) - 3)) where kind = 'phone';

-- What the plan declares.
create table contact_fields (
    id         text primary key,
    name       text not null,
    kind       text not null,            -- text, number, flag, date, choice
    choices    text not null,            -- JSON array, empty unless it is a choice
    in_service smallint not null
);

create table systems (
    id         text primary key,         -- the first half of a customer's number: crm:4711
    name       text not null,
    in_service smallint not null
);

-- Two contacts that became one; the one that went stays as it was, and points at the other.
create table merges (
    id        text primary key,
    at        bigint not null,
    by_whom   text not null,             -- user:<id>, key:<id>
    into_id   text not null references contacts (id),
    gone_id   text not null references contacts (id),
    why       text not null,             -- identity, hand
    kind      text,                      -- the identity that brought them together
    value     text,
    before    text not null,             -- JSON: what the one that stayed knew before …
    after     text not null,             -- … and after it
    conflicts text not null,             -- JSON: what both said, and differently
    undone_at bigint,                    -- set: they are two again
    undone_by text
);
create index merges_by_time on merges (at, id);
create index merges_by_survivor on merges (into_id);
create unique index merges_standing on merges (gone_id) where undone_at is null;
create index merges_by_gone on merges (gone_id);

-- What pointed at the one that went, and points at the other.
create table merge_moves (
    merge_id text not null references merges (id),
    what     text not null,              -- identity, contact, call, engagement
    subject  text not null,              -- its id; of an identity kind and value
    primary key (merge_id, what, subject)
);

-- Contacts that may be one person, though no identity says so.
create table duplicates (
    pair       text primary key,         -- both ids, the lesser first
    one_id     text not null references contacts (id),
    other_id   text not null references contacts (id),
    score      bigint not null,          -- 50 to 100
    reasons    text not null,            -- JSON: [{"sign": …, "points": …}]
    found_at   bigint not null,
    refused_at bigint,                   -- set: somebody says that they are not one, for good
    refused_by text
);
create index duplicates_open on duplicates (score, pair) where refused_at is null;
create index duplicates_by_one on duplicates (one_id);
create index duplicates_by_other on duplicates (other_id);
