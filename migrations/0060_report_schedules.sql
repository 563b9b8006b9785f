-- Reports that go out by themselves, and pictures in mails.

create table report_schedules (
    id         text primary key,
    name       text not null,
    query      text not null,          -- of the overview's address, without its ?
    every      text not null,          -- day, week:1 (Monday) to week:7, month:1 to month:31
    at         text not null,          -- 08:00, by the clock of the zone
    zone       text not null,          -- a name of the tz database
    user_id    text references users (id),   -- whose it is; null: a program made it
    created_at bigint not null,
    due_at     bigint not null,        -- when it is sent next
    sent_at    bigint                  -- when it was sent last
);
create index report_schedules_due on report_schedules (due_at);

create table report_recipients (
    schedule_id text not null references report_schedules (id),
    user_id     text not null references users (id),
    language    text not null,
    primary key (schedule_id, user_id)
);

-- Links in the mails, by which somebody gets them no more.
create table report_offs (
    token_hash  text primary key,
    schedule_id text not null,
    user_id     text not null,
    made_at     bigint not null
);
create index report_offs_by_time on report_offs (made_at);

-- JSON: the pictures that stand in a mail, each with its name and its bytes in base64.
alter table mails add column pictures text;
