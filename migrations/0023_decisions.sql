-- May a contact be reached? What the plan says of it, what is reserved, and who objects.

alter table purposes add column kind text not null default 'prospecting';   -- prospecting, service

create table contactability (
    id       smallint primary key,        -- 1
    settings text not null                -- JSON
);

create table caps (
    id         text primary key,          -- a slug of the plan
    channel    text,                      -- null: whatever channel
    purpose_id text,                      -- null: every purpose of prospecting
    most       bigint not null,           -- so many …
    days       bigint not null            -- … in so many calendar days
);

-- Leave to reach a contact once, which counts as if it had been done.
create table reservations (
    id            text primary key,       -- UUID of version 7
    contact_id    text not null references contacts (id),
    reserved_by   text not null,          -- key:<id>
    reference     text not null,          -- what names it there
    channel       text not null,
    purpose_id    text not null,
    controller_id text not null,
    at            bigint not null,        -- when they are to be reached
    prospects     smallint not null,      -- 1: it is prospecting, and counts as such
    state         text not null,          -- held, confirmed, cancelled
    expires_at    bigint not null,        -- when it counts no more unless it is confirmed
    reserved_at   bigint not null,
    settled_at    bigint,                 -- when it was confirmed or cancelled
    decision      text not null,          -- JSON: what it stands on
    unique (reserved_by, reference)
);
create index reservations_by_contact on reservations (contact_id, at);

-- Lists of those who object to being reached.
create table opposition_lists (
    id              text primary key,     -- a slug
    name            text not null,
    channels        text not null,        -- words separated by spaces
    entries         bigint not null,
    generation      bigint not null,      -- which of its entries count
    last_generation bigint not null,      -- the last that an import was given
    changed_at      bigint not null,
    changed_by      text not null         -- key:<id>; console: the command line
);

create table oppositions (
    mark       text not null,             -- SHA-256 of a number or an address, in hex
    list_id    text not null references opposition_lists (id),
    generation bigint not null,
    primary key (mark, list_id, generation)
);
create index oppositions_by_list on oppositions (list_id, generation);

-- The latest engagement of a kind is found without looking at the others.
create index engagements_latest on engagements (contact_id, kind, at);
