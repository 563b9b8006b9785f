-- Webhooks: programs of others that are told what happens, and what each of them is told.

create table webhooks (
    id       text primary key,        -- a slug of the plan
    url      text not null,
    events   text not null,           -- patterns, with a space between them
    enabled  smallint not null,
    private  smallint not null,       -- it may stand in a network that is not the internet
    gone_at  bigint                   -- it has answered 410 (Gone): it is told nothing until somebody says so
);

-- Written with the change that it tells of. It holds ids and names of what changed, and nothing of who somebody is.
create table deliveries (
    webhook_id text not null,         -- it may have left the plan
    id         text not null,         -- UUID of version 7: of the event, and its place among those of its subject
    type       text not null,
    subject    text not null,         -- contacts/<id>, calls/<id>: the next is sent once this one is settled
    at         bigint not null,       -- when it happened
    data       text not null,         -- JSON
    due_at     bigint not null,       -- when it is tried next
    tries      integer not null,
    state      text not null,         -- waiting, taken, given_up
    reply      integer,               -- the last status that was answered; null: none
    why        text,                  -- what went wrong last
    settled_at bigint,                -- when it was taken or given up
    primary key (webhook_id, id)
);
create index deliveries_due on deliveries (webhook_id, due_at) where settled_at is null;
create index deliveries_by_subject on deliveries (webhook_id, subject, id) where settled_at is null;
create index deliveries_by_time on deliveries (at);
