-- Contacts whose data is kept and not used (RGPD art. 18).

create table restrictions (
    id         text primary key,         -- UUID of version 7
    contact_id text not null references contacts (id),
    ground     text,                     -- accuracy, unlawful, claims, objection; null: nobody has told
    at         bigint not null,
    by_whom    text not null,            -- user:<id>, key:<id>
    lifted_at  bigint,
    lifted_by  text
);
create unique index restrictions_standing on restrictions (contact_id) where lifted_at is null;
create index restrictions_by_contact on restrictions (contact_id);

-- What the register says was done is in force.
insert into restrictions (id, contact_id, at, by_whom)
select min(id), contact_id, min(settled_at), min(settled_by) from requests
where kind = 'restriction' and state = 'done' and contact_id is not null group by contact_id;
