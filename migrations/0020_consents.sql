-- The consent ledger: what people have agreed to, refused or taken back.

-- What data of people is used for, as the plan declares it.
create table purposes (
    id         text primary key,          -- a slug of the plan
    name_en    text not null,
    name_fr    text not null,
    in_service smallint not null          -- 0: the plan has it no more; the lines that name it stay
);

-- Who answers for data of people, as the plan declares it.
create table controllers (
    id         text primary key,          -- a slug of the plan
    name       text not null,
    address    text not null,
    email      text not null,
    policy_url text,
    in_service smallint not null
);

-- Lines are added and never changed.
create table consents (
    id            text primary key,       -- UUID of version 7
    contact_id    text not null references contacts (id),
    channel       text not null,          -- phone, sms, email, post, push, web_tracking, call_recording
    purpose_id    text not null references purposes (id),
    controller_id text not null references controllers (id),
    status        text not null,          -- granted, refused, withdrawn, pending
    basis         text not null,          -- consent, contract, legitimate_interest, legal_obligation
    at            bigint not null,        -- when it was said
    expires_at    bigint,                 -- null: it does not end by itself
    method        text not null,          -- form, double_opt_in, spoken, written, preference_centre, …
    source        text not null,          -- where
    reference     text,                   -- what names it there
    wording       text,                   -- the words that were shown
    version       text,                   -- and which version of them
    actor         text,                   -- who said it, if not the person themself
    proof         text,                   -- SHA-256 of what proves it, in hex
    recorded_at   bigint not null,        -- when the ledger heard of it
    recorded_by   text not null           -- key:<id>, user:<id>
);
create index consents_by_contact on consents (contact_id, recorded_at, id);
-- A source says the same thing once.
create unique index consents_by_reference on consents (source, reference) where reference is not null;
