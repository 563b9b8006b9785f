-- Screening: who may ring, and what became of the question.

-- Entries of the block and allow lists: those of the plan, and those that were made one by one.
create table blocks (
    id         text primary key,          -- a slug of the plan, or a UUID of version 7
    kind       text not null,             -- whom it means: number, prefix, country, withheld
    value      text not null,             -- E.164, its beginning, ISO 3166-1, or empty
    scope_kind text not null,             -- which calls: all, outlet, number
    scope      text not null,             -- the outlet, the called number, or empty
    action     text not null,             -- allow, mark, refuse, busy
    until_at   bigint,                    -- it ends by itself then; null: never
    note       text,
    planned    smallint not null,         -- 1: of the plan, which alone changes it
    created_at bigint not null
);
-- Said twice, it is still one entry.
create unique index blocks_made on blocks (kind, value, scope_kind, scope) where planned = 0;
create index blocks_by_time on blocks (created_at, id);

-- What each rule does: one row, or none while the plan says nothing.
create table screening (
    id       smallint primary key,        -- 1
    settings text not null                -- JSON
);
insert into revisions (name, value) values ('screening', 1);

-- What was said of a call; most calls have no row.
create table screenings (
    call_id     text primary key references calls (id),
    verdict     text,                     -- allowed, marked, refused; null: no rule applied
    rule        text,
    block_id    text,                     -- the entry that applied, which may be gone by now
    signature   text,                     -- STIR/SHAKEN: verified, failed, absent, unchecked; null: nobody looked
    why         text,                     -- why it is not verified
    attestation text,                     -- A, B, C
    origination text,                     -- origid
    diversions  bigint not null           -- div PASSporTs
);
create index screenings_by_verdict on screenings (verdict, call_id);
