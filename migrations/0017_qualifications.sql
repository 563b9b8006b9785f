-- What a call was to the business.

alter table calls add column qualification text;   -- lead, not_a_lead, sale; null: nobody has said, or it was taken back
alter table calls add column qualified_at bigint;  -- when that was said last
alter table calls add column qualified_by text;    -- line:<destination> (by key), user:<id> (console), key:<id> (API)

create index calls_by_qualification on calls (qualification, arrived_at) where qualification is not null;
