-- Asked for the addresses of some contacts, SQLite read everybody's by the key, which begins with the kind.
drop index identities_by_contact;
create index identities_by_contact on identities (contact_id, kind);
