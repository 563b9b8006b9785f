-- What came of what other systems tell, and which of their messages have come.

alter table engagements add column came_from text;       -- the source of the visit: google, newsletter …
alter table engagements add column visit_id text;        -- the visit that it was told with

-- An address is of no use while mails to it come back, and none has been opened since.
alter table identities add column bounced_at bigint;     -- when a mail to it last came back for good; null: it is of use
alter table identities add column reached_at bigint;     -- when one was last opened or clicked

-- Messages of the tracking interface: each is taken once as long as it stands here.
create table messages (
    source text not null,                -- the system that sent it
    id     text not null,                -- its messageId
    at     bigint not null,              -- when it came
    primary key (source, id)
);
create index messages_by_time on messages (at);

-- Whose messages come by a key.
alter table api_keys add column source text;             -- a system or a site of the plan; null: it sends none
