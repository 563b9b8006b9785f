-- Contacts that can be written, found and merged.

-- `name` is what was said; these are what a program or an employee writes.
alter table contacts add column given_name text;
alter table contacts add column family_name text;
alter table contacts add column language text;                       -- BCP 47
alter table contacts add column addresses text;                      -- JSON array of postal addresses; null: none
alter table contacts add column fields text;                         -- JSON object: custom fields; null: none
alter table contacts add column keyed bigint not null default 0;     -- the rules by which its keys were made
update contacts set keyed = 1 where name is null;
create index contacts_to_key on contacts (keyed, id);
create index contacts_by_time on contacts (created_at, id);

-- By what contacts are found that no identity names: words of their names, and what who are alike have in common.
create table contact_keys (
    kind       text not null,            -- word
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
