-- What it costs that the telephone rings: a line for some days of a channel, typed in, brought as a table or sent.

create table costs (
    id         text primary key,
    first_day  text not null,     -- 2026-11-01; both days are included, and begin where the reader of a report is
    last_day   text not null,
    channel    text not null,     -- GA4's channel group
    source     text,              -- null: of the whole channel
    campaign   text,              -- null: of no campaign, or of all
    outlet_id  text,              -- null: of no outlet, or of all
    amount     bigint not null,   -- for all of its days, in minor units of its currency
    currency   text not null,     -- ISO 4217
    note       text,
    key        text,              -- what its sender calls it: the same line sent again takes its place
    created_at bigint not null,
    created_by text not null,     -- key:… or user:…
    changed_at bigint not null,
    deleted_at bigint             -- it can be put back; reports do not have it
);
create unique index costs_by_key on costs (key) where key is not null;
create index costs_by_day on costs (last_day, first_day) where deleted_at is null;
create index costs_by_time on costs (created_at, id) where deleted_at is null;
