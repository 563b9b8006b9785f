-- What contacts are compared by when somebody looks for those who are like a segment. Nobody stands here who objects.

-- Derived, so no merge carries it over: the next reckoning tells it anew.
create table lookalike_features (
    contact_id text primary key references contacts (id),
    features   text not null             -- JSON array: deeds of a year, days of the last act and of the first,
                                         -- money of a year, channel, region, language
);

-- What all of them add up to; there once, or not yet.
create table lookalike_base (
    id     smallint primary key,         -- 1
    at     bigint not null,
    sample text not null                 -- JSON object
);
