-- What is done when a pool has no number left, and who is lent none.

alter table numbers add column shared_until bigint not null default 0;   -- another visit is shown it, too, until then
alter table leases add column rule text;               -- lease, renewed, shared; null: from before it was kept
alter table pools add column ageing_ms bigint not null default 0;        -- how long a new number is lent to nobody
alter table sites add column guard text;               -- JSON: what is done about robots and floods

-- Visits that had to do without a number of a pool, and what they were shown.
create table unleased (
    visit_id text not null references visits (id),
    pool_id  text not null references pools (id),
    rule     text not null,            -- channel_static, original
    why      text not null,            -- exhausted, or the cap that was reached
    number   text,                     -- null: the business number stayed
    at       bigint not null,
    primary key (visit_id, pool_id)
);
