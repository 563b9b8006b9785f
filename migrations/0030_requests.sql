-- What people ask for of their rights, and until when they must have an answer.

create table requests (
    id           text primary key,       -- UUID of version 7
    contact_id   text references contacts (id),   -- null: the person is erased
    kind         text not null,          -- access, portability, rectification, restriction, objection, erasure
    received_at  bigint not null,        -- when it came; the month runs from then
    came_by      text not null,          -- email, letter, phone, in_person, page, other
    due_at       bigint not null,
    extended_why text,                   -- why two months more are needed; null: they are not
    state        text not null,          -- open, done, refused
    why          text,                   -- why it was refused
    settled_at   bigint,
    settled_by   text,                   -- user:<id>, key:<id>
    recorded_at  bigint not null,
    recorded_by  text not null
);
create index requests_by_time on requests (received_at, id);
create index requests_by_contact on requests (contact_id) where contact_id is not null;
create index requests_open on requests (due_at, id) where state = 'open';
