-- How many contacts may be reached at the end of a day, or may be by now: counts alone, of nobody.

create table contactability_counts (
    day           bigint not null,        -- days since 1970 (UTC)
    segment_id    text not null,          -- '': all contacts; a segment has its latest day only
    channel       text not null,
    purpose_id    text not null,
    controller_id text not null,
    at            bigint not null,        -- the moment that was judged
    contacts      bigint not null,
    allowed       bigint not null,
    tally         text not null,          -- JSON object: what it stands on, why not, what would win them
    primary key (day, segment_id, channel, purpose_id, controller_id)
);
