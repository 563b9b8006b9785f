-- What people say and open on their own page.

-- How often they want to be reached.
create table frequency_wishes (
    id         text primary key,         -- UUID of version 7
    contact_id text not null references contacts (id),
    channel    text not null,
    wish       text not null,            -- week, month, quarter: at the most once in it
    at         bigint not null
);
create index frequency_wishes_by_contact on frequency_wishes (contact_id);

-- Links that went to an address, for what the link to the page does not open by itself. They stay with the contact that
-- they were made for.
create table mail_keys (
    token_hash   text primary key,       -- SHA-256 of what the link holds, in hex
    contact_id   text not null references contacts (id),
    opens        text not null,          -- data: all that is known; email: that the address is theirs
    email        text not null,          -- where it went
    asked_at     bigint not null,
    expires_at   bigint not null,
    confirmed_at bigint                  -- email: they have said so
);
create index mail_keys_by_contact on mail_keys (contact_id, asked_at);
create index mail_keys_by_email on mail_keys (email, asked_at);

-- Where one click takes consent back (RFC 8058); null: the mail is for no purpose.
alter table mails add column unsubscribe text;
