-- One text for SQLite and PostgreSQL. Times are milliseconds since 1970 (UTC),
-- flags are smallint 0/1, JSON is text, ids are text (a slug of the plan, or a UUID of version 7).

-- What the admin declares in the plan -------------------------------------------------------------
-- What vanishes from the plan is taken out of service (0) and stays: visits and calls point at it for ever.

create table outlets (
    id         text primary key,
    parent_id  text references outlets (id),
    name       text not null,
    in_service smallint not null
);

create table sites (
    id         text primary key,
    outlet_id  text not null references outlets (id),
    name       text not null,
    origins    text not null,            -- JSON array of web origins, for instance ["https://example.org"]
    in_service smallint not null
);

create table destinations (
    id         text primary key,
    outlet_id  text not null references outlets (id),
    name       text not null,
    line       text not null,            -- the business line, a SIP URI
    ring_ms    bigint not null,          -- how long it may ring before the call is missed
    in_service smallint not null
);

create table pools (
    id             text primary key,
    site_id        text not null references sites (id),
    destination_id text not null references destinations (id),
    target         text not null,        -- the swap target: the business number written on the site, E.164
    keep_alive_ms  bigint not null,      -- how long a lease stays live after the page was last seen
    quarantine_ms  bigint not null,      -- how long the number then rests
    in_service     smallint not null
);
create unique index pools_by_target on pools (site_id, target) where in_service = 1;

create table numbers (
    e164           text primary key,
    outlet_id      text not null references outlets (id),
    destination_id text not null references destinations (id),
    label          text not null,
    pool_id        text references pools (id),   -- set: pooled; null: static
    site_id        text references sites (id),   -- a static number that stands in for `target` on this site …
    target         text,
    channel        text,                         -- … for visits of this channel without consent; for a number
    source         text,                         -- off the web, the medium it stands on: its own source
    medium         text,
    campaign       text,
    in_service     smallint not null,            -- 0: taken out; its history stays
    created_at     bigint not null,
    -- the claim: what a lease changes, and nothing else does
    free_at        bigint not null,              -- lent or resting until then
    lease_id       text,                         -- the latest lease, live or not
    visitor_id     text                          -- whose it was
);
create index numbers_by_rest on numbers (pool_id, free_at, e164) where in_service = 1;
create index numbers_by_visitor on numbers (pool_id, visitor_id, free_at, e164) where in_service = 1;
create index numbers_by_site on numbers (site_id) where site_id is not null;

-- Counters that tell a node that something it keeps in memory has changed.
create table revisions (
    name  text primary key,
    value bigint not null
);
insert into revisions (name, value) values ('routes', 1);

-- What visitors do --------------------------------------------------------------------------------

create table visits (
    id           text primary key,
    site_id      text not null references sites (id),
    visitor_id   text not null,
    started_at   bigint not null,
    last_seen_at bigint not null,
    landing_page text not null,
    referrer     text,
    channel      text not null,
    source       text not null,
    medium       text not null,
    campaign     text,
    term         text,
    content      text,
    click_id     text                     -- the kind of ad click, for instance gclid; its value is not needed yet
);
create index visits_by_visitor on visits (visitor_id, started_at);
create index visits_by_time on visits (started_at, id);

create table page_views (
    id       text primary key,
    visit_id text not null references visits (id),
    at       bigint not null,
    url      text not null,
    title    text
);
create index page_views_by_visit on page_views (visit_id, at);

create table leases (
    id           text primary key,
    number       text not null references numbers (e164),
    visit_id     text not null references visits (id),
    visitor_id   text not null,
    started_at   bigint not null,
    last_seen_at bigint not null
);
create index leases_by_number on leases (number, started_at);
create index leases_by_visit on leases (visit_id);

-- Visits without consent leave nothing but this.
create table visit_counts (
    site_id text not null references sites (id),
    day     bigint not null,              -- days since 1970 (UTC)
    channel text not null,
    visits  bigint not null,
    primary key (site_id, day, channel)
);

-- People ------------------------------------------------------------------------------------------

create table contacts (
    id         text primary key,
    created_at bigint not null,
    name       text
);

create table identities (
    kind         text not null,           -- phone, visitor
    value        text not null,
    contact_id   text not null references contacts (id),
    first_seen_at bigint not null,
    last_seen_at bigint not null,
    primary key (kind, value)
);
create index identities_by_contact on identities (contact_id);

-- Calls -------------------------------------------------------------------------------------------

create table calls (
    id             text primary key,
    node           text not null,         -- the gateway that carries it, so that its restart can close it
    trunk          text not null,
    sip_call_id    text not null,         -- Call-ID of the inbound leg, to find it in a trace
    number         text not null,         -- dialled, E.164; not always one of ours
    caller         text,                  -- E.164; null: withheld or no telephone number
    destination_id text,                  -- null: the number is not known here
    outlet_id      text,
    outcome        text,                  -- null while the call goes on
    sip_status     bigint,                -- the final status the caller was given
    hung_up_by     text,                  -- caller, line, gateway
    interrupted    smallint not null,     -- 1: the gateway went down in the middle of it
    arrived_at     bigint not null,
    ringing_at     bigint,
    answered_at    bigint,
    ended_at       bigint,
    contact_id     text references contacts (id)
);
create index calls_by_time on calls (arrived_at, id);
create index calls_by_number on calls (number, arrived_at);
create index calls_by_contact on calls (contact_id);
create index calls_open on calls (node) where ended_at is null;

-- Which visit a call came from, as probabilities that add up to 1. A later version never overwrites an earlier one.
create table attributions (
    call_id     text not null references calls (id),
    version     bigint not null,
    rank        bigint not null,          -- 0 is the most likely
    visit_id    text references visits (id),   -- null: no visit, the number was known from elsewhere
    probability double precision not null,
    evidence    text not null,            -- JSON: what the probability stands on
    channel     text not null,            -- copied, so that totals need no look-up
    source      text not null,
    medium      text not null,
    campaign    text,
    at          bigint not null,
    primary key (call_id, version, rank)
);
create index attributions_by_visit on attributions (visit_id);

create table engagements (
    id         text primary key,
    contact_id text not null references contacts (id),
    kind       text not null,             -- call, visit
    at         bigint not null,
    subject    text not null,             -- the id of the call or visit
    unique (contact_id, kind, subject)
);
create index engagements_by_contact on engagements (contact_id, at);

-- Who may ask -------------------------------------------------------------------------------------

create table api_keys (
    id         text primary key,
    name       text not null,
    hash       text not null unique,      -- SHA-256 of the key, hex; the key itself has 256 bits of chance
    scopes     text not null,             -- words separated by spaces
    created_at bigint not null,
    revoked_at bigint
);

create table users (
    id            text primary key,
    email         text not null unique,
    password_hash text not null,          -- argon2id, PHC string
    created_at    bigint not null
);

create table sessions (
    token_hash text primary key,          -- SHA-256 of the cookie's value, hex
    user_id    text not null references users (id),
    created_at bigint not null,
    expires_at bigint not null
);
