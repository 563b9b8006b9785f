-- Whether the domains of people's addresses take mail: asked of a name server, where the settings say so.
create table mail_domains (
    domain   text primary key,
    verdict  text,                       -- takes_mail, takes_none; null: nobody has told yet
    asked_at bigint,                     -- when it was told last
    next_at  bigint not null,            -- when it is asked (again)
    failures bigint not null default 0   -- how often in a row nobody has told
);
create index mail_domains_due on mail_domains (next_at);

-- What stands behind the @, of which an address has one: what is left when all that is no @ is taken off its right
-- end. Both databases say it so. Without the kind in front SQLite would rather go by the primary key.
create index identities_by_domain on identities
    (kind, substr(value, length(rtrim(value, replace(value, '@', ''))) + 1), contact_id) where kind = 'email';

-- Who wrote an address first, as in `marks`: that its domain takes no mail is found out later.
alter table identities add column source text;   -- null: no address, or nobody has looked at it yet
update identities set source = 'earlier' where kind = 'email';
