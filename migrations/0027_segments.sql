-- Segments: contacts who fit a filter, who came into one and who left.

create table segments (
    id          text primary key,
    name        text not null,
    filter      text not null,            -- in the language of filters, as it prints itself
    built_in    smallint not null,        -- 1: it came along with the gateway
    changed_at  bigint not null,
    computed_at bigint                    -- when its members were told last; null: never by this filter
);
insert into segments (id, name, filter, built_in, changed_at) values
    ('new', 'New', 'first(act) < 30d', 1, 0),
    ('active', 'Active', 'last(act) < 365d', 1, 0),
    ('inactive', 'Inactive', 'last(act) >= 365d and last(act) < 1095d', 1, 0),
    ('lost', 'Lost', 'last(act) >= 1095d', 1, 0),
    ('customers', 'Customers', 'count(purchase) >= 1', 1, 0);

-- Derived, so no merge carries them over: the next reckoning tells who is in.
create table segment_members (
    segment_id text not null references segments (id),
    contact_id text not null references contacts (id),
    since      bigint not null,
    primary key (segment_id, contact_id)
);
create index segment_members_by_time on segment_members (segment_id, since, contact_id);
create index segment_members_by_contact on segment_members (contact_id);

create table segment_moves (
    id         text primary key,          -- UUID of version 7
    segment_id text not null references segments (id),
    contact_id text not null references contacts (id),
    at         bigint not null,
    entered    smallint not null          -- 0: left
);
create index segment_moves_by_time on segment_moves (segment_id, at, id);
create index segment_moves_by_age on segment_moves (at);

-- How many were in a segment at the end of a day, or are by now.
create table segment_counts (
    segment_id text not null references segments (id),
    day        bigint not null,           -- days since 1970 (UTC)
    contacts   bigint not null,
    primary key (segment_id, day)
);

-- What filters look up of each contact.
create index engagements_by_deed on engagements (kind, contact_id, at);
create index engagements_acts on engagements (contact_id, at)
    where kind in ('call', 'voicemail', 'visit', 'form_submitted', 'email_clicked', 'sms_received', 'purchase');
create index engagements_purchases on engagements (contact_id, currency, at, amount) where kind = 'purchase';
