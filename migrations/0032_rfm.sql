-- How much of a client each contact is: recency, frequency and money, and the size by what they spent in a year.

-- Derived, so no merge carries it over: the next reckoning tells it anew.
create table rfm (
    contact_id text primary key references contacts (id),
    recency    smallint not null,         -- 1 to 5, as the two that follow
    frequency  smallint not null,
    monetary   smallint not null,
    class      text not null,
    size       text                       -- null: nothing was spent in the last twelve months
);
create index rfm_by_class on rfm (class);

-- What the plan says of it; there once, or not at all: then the defaults hold.
create table rfm_settings (
    id       smallint primary key,        -- 1
    settings text not null                -- JSON object
);

-- What the scores begin at, drawn from all purchases once a day.
create table rfm_borders (
    id       smallint primary key,        -- 1
    at       bigint not null,
    settings text not null,               -- the settings that they were drawn by
    borders  text                         -- JSON object; null: there are too few clients
);

-- What was given back is no purchase, and nothing that a contact does of their own accord.
drop index engagements_acts;
create index engagements_acts on engagements (contact_id, at)
    where kind in ('call', 'voicemail', 'visit', 'form_submitted', 'email_clicked', 'sms_received', 'purchase')
    and coalesce(amount, 0) >= 0;
