-- Rules that somebody is told by, when each was raised, and what nodes know of their trunks.

create table alerts (
    id          text primary key,
    name        text not null,
    rule        text not null,         -- JSON: the fields of the rule
    emails      text not null,         -- JSON: who is written to
    language    text not null,         -- in which: en, fr
    enabled     smallint not null,
    created_at  bigint not null,
    created_by  text not null,         -- key:… or user:…
    due_at      bigint not null,       -- when it is looked at next
    raised_at   bigint,                -- null: it is quiet
    calm_since  bigint,                -- within its limit since then, while it is raised
    incident_id text,                  -- while it is raised
    looked_at   bigint,                -- when something was measured last
    measured    text                   -- JSON: what that was
);
create index alerts_due on alerts (due_at) where enabled = 1;

create table alert_incidents (
    id        text primary key,
    alert_id  text not null references alerts (id),
    raised_at bigint not null,
    measured  text not null,           -- JSON: what raised it
    over_at   bigint,
    calmed    text                     -- JSON: what ended it; null: the rule was changed, or it goes on
);
create index alert_incidents_of_alert on alert_incidents (alert_id, raised_at, id);

-- Each node knows its own trunks alone, and writes down how they stand.
create table trunk_states (
    node       text not null,
    trunk      text not null,
    down_since bigint,                 -- null: it takes calls
    seen_at    bigint not null,        -- when the node said so last
    primary key (node, trunk)
);

-- Visits that got no number, counted by the time.
create index unleased_by_time on unleased (at);
