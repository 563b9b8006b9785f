-- What was learned of when callers call, from calls that somebody labelled.

create table priors (
    version    bigint primary key,
    site_id    text not null references sites (id),
    learned_at bigint not null,
    own        bigint not null,           -- labelled calls of the site …
    others     bigint not null,           -- … and of the other sites
    learned    text not null              -- JSON
);
create index priors_by_site on priors (site_id, version);

alter table attribution_versions add column priors bigint;   -- null: the stated ones, or none
create index attribution_versions_corrected on attribution_versions (call_id) where reason = 'corrected';
