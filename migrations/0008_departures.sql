-- Attempts that left over a trunk: by them its calls of a day are known when a node starts again.
create table departures (
    call_id text not null references calls (id),
    leg     bigint not null,              -- which attempt of the call
    trunk   text not null,
    at      bigint not null,
    primary key (call_id, leg)
);
create index departures_by_trunk on departures (trunk, at);
