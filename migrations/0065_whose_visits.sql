-- Whose a visit is, asked of very many at once: the index alone says it.
create index identities_of_visitors on identities (value, contact_id) where kind = 'visitor';
