-- What a call's origin is told by besides the time, and why it was told anew.

alter table visits add column device text;    -- phone, desk; null: the browser does not say
alter table visits add column country text;   -- two letters of ISO 3166-1, from a header of the proxy in front

-- A visitor tapped a number: the dialler opened.
create table taps (
    visit_id text not null references visits (id),
    number   text not null references numbers (e164),
    at       bigint not null,
    primary key (visit_id, number, at)
);

-- Why each version of a call's attribution came about.
create table attribution_versions (
    call_id text not null references calls (id),
    version bigint not null,
    reason  text not null,                    -- arrived, tapped, identified, corrected
    at      bigint not null,
    primary key (call_id, version)
);
insert into attribution_versions (call_id, version, reason, at)
    select call_id, version, 'arrived', at from attributions where rank = 0;
