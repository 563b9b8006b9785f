-- What is suspicious in what is known of contacts.

alter table contacts add column marked bigint not null default 0;    -- the rules by which its marks were made; 0: none yet
create index contacts_to_mark on contacts (marked, id);

-- Made from what is known of the contact: they go with it, and are made anew.
create table marks (
    contact_id text not null references contacts (id),
    place      text not null,            -- name, given_name, family_name, addresses[0], or kind and value of an identity
    code       text not null,            -- what is wrong: email_typo, phone_fiction …
    suggestion text,                     -- what was probably meant
    since      bigint not null,
    source     text not null,            -- who wrote it: key:<id>, user:<id>, site:<id>, import:<id>, call, earlier
    primary key (contact_id, place, code)
);
create index marks_by_code on marks (code, contact_id);
