-- What a page tells besides which page it is: what happened on it, and who the visitor is.

create table events (
    visit_id   text not null references visits (id),
    id         text not null,             -- a UUID; a page may choose it, so that what it sends twice stands once
    at         bigint not null,
    name       text not null,
    properties text not null,             -- JSON object of scalars
    primary key (visit_id, id)
);

-- What visitors said of themselves, as they said it: what an identity stands on, and a merge may go by.
create table claims (
    visit_id text not null references visits (id),
    kind     text not null,               -- email, phone, customer, name
    value    text not null,
    at       bigint not null,
    primary key (visit_id, kind, value)
);

-- What is known of an identity: a call or a visit has shown it, somebody has said it, or both.
alter table identities add column seen smallint not null default 1;
alter table identities add column said smallint not null default 0;
