-- Scenarios: what happens to a contact gives somebody a task.

create table scenarios (
    id            text primary key,       -- a slug of the plan
    event         text not null,          -- call_missed, call_answered, email_bounced, segment_entered
    segment_id    text,                   -- of segment_entered: which
    after_minutes bigint not null,
    filter        text,                   -- in the language of filters; null: whoever
    channel       text,                   -- with the purpose and the controller: what must be allowed; null: nothing
    purpose_id    text,
    controller_id text,
    title         text not null,
    list          text not null,
    due_hours     bigint not null,
    since         bigint not null         -- when the plan first had it: what happened before gives no task
);

create table tasks (
    id          text primary key,         -- UUID of version 7
    scenario_id text not null,            -- it may have left the plan
    contact_id  text not null references contacts (id),
    cause       text not null,            -- the id of the call, the engagement or the move
    cause_at    bigint not null,
    state       text not null,            -- waiting, open, done, dropped
    title       text not null,
    list        text not null,
    due_at      bigint not null,
    wait_until  bigint,                   -- while it waits: when it is asked again whether it is allowed
    why         text,                     -- where it was settled by itself: called, fits_no_more, not_allowed
    assignee    text,
    created_at  bigint not null,
    settled_at  bigint,                   -- when it was done or dropped
    settled_by  text,                     -- user:<id> or key:<id>; null: by itself
    unique (scenario_id, cause)
);
create index tasks_by_contact on tasks (contact_id, scenario_id);
create index tasks_by_due on tasks (state, due_at, id);
