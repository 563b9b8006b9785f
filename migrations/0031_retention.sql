-- How long each kind of data is kept, and what was taken when its time was over.

-- What the plan says; what it says nothing of is kept.
create table retention (
    kind    text primary key,             -- prospects, customers, visits, calls, engagements, mails, imports
    months  bigint not null,
    because text not null,
    since   bigint not null,              -- when the plan said so
    due_at  bigint not null               -- when it is asked next: the night after it has stood for a day
);

create table retention_runs (
    id       text primary key,            -- UUID of version 7
    kind     text not null,
    months   bigint not null,
    cutoff   bigint not null,             -- what is older was taken
    began_at bigint not null,
    ended_at bigint,                      -- null: goes on, or broke off
    taken    text not null                -- JSON: rows by table
);
create index retention_runs_by_time on retention_runs (began_at, id);

create index merge_moves_by_subject on merge_moves (subject, what);
create index imports_finished on imports (finished_at) where finished_at is not null;
