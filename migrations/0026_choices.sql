-- What people decide by themselves: whether they meant it, by a link in a mail.

-- Mail on its way. Once it has arrived or is given up, nothing but that is kept of it.
create table mails (
    id          text primary key,        -- UUID of version 7; its Message-ID is made of it
    recipient   text,                    -- null once it is over, as all that it said
    subject     text,
    body_text   text,
    body_html   text,
    made_at     bigint not null,
    due_at      bigint not null,         -- when it is tried next
    tries       integer not null,
    sent_at     bigint,
    given_up_at bigint,
    reply       integer                  -- what the server said last (RFC 5321 §4.2); null: nothing
);
create index mails_due on mails (due_at) where sent_at is null and given_up_at is null;

-- Questions whether somebody meant it (double opt-in).
create table confirmations (
    token_hash   text primary key,       -- SHA-256 of what the link holds, in hex
    consent_id   text not null unique references consents (id),   -- the line that waits
    email        text not null,          -- whose word counts
    mail_hash    text not null,          -- SHA-256 of what the mail says, for the proof
    asked_at     bigint not null,
    expires_at   bigint not null,
    confirmed_at bigint
);
create index confirmations_by_email on confirmations (email, asked_at);

-- Links to the page where somebody looks after their choices. They stay with the contact that they were made for:
-- who that turns out to be is not shown to whoever has an older link.
create table preference_links (
    token_hash text primary key,         -- SHA-256 of what the link holds, in hex
    contact_id text not null references contacts (id),
    purpose_id text references purposes (id),   -- what one click takes consent back of; null: nothing
    made_at    bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create index preference_links_by_contact on preference_links (contact_id);
