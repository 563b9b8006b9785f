-- What people write down of calls, and how calls are found.

create table call_notes (
    id      text primary key,
    call_id text not null references calls (id),
    at      bigint not null,
    by_whom text not null,               -- user:<id>, key:<id>
    text    text not null
);
create index call_notes_by_call on call_notes (call_id, at);

-- The words of a call's notes, by which it is found.
create table call_words (
    word    text not null,
    call_id text not null references calls (id),
    primary key (word, call_id)
);
create index call_words_by_call on call_words (call_id);

create table call_tags (
    tag     text not null,
    call_id text not null references calls (id),
    primary key (tag, call_id)
);
create index call_tags_by_call on call_tags (call_id);

-- Lists that somebody wants to see again: what stood in the address.
create table saved_views (
    id      text primary key,
    page    text not null,               -- calls, overview
    name    text not null,
    query   text not null,               -- without its ?
    user_id text references users (id),  -- who alone sees it; null: everybody does
    made_at bigint not null
);
create index saved_views_by_page on saved_views (page, name);

-- A caller's last four digits.
create index calls_by_last_digits on calls (substr(caller, length(caller) - 3), arrived_at) where caller is not null;
-- Calls that reports do not count, and those that a fault took.
create index calls_blocked on calls (arrived_at, id) where outcome = 'blocked';
create index calls_failed on calls (arrived_at, id) where outcome = 'failed';
