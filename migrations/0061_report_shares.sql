-- Links to a report for who has no account here.
create table report_shares (
    id         text primary key,
    token_hash text not null unique,   -- SHA-256 of what the link holds, in hex
    query      text not null,          -- of the overview's address, without its ?
    user_id    text references users (id),   -- who made it, and what of the network it shows; null: a program, all of it
    created_at bigint not null,
    expires_at bigint not null,
    opened_at  bigint,                 -- when it was opened last
    opens      bigint not null         -- how often
);
create index report_shares_by_time on report_shares (created_at, id);
