-- What other systems tell of contacts: forms, e-mails, SMS, letters, purchases.

-- Of an engagement that another system tells of, `subject` is `<source>:<reference>`.
alter table engagements add column source text;          -- who told of it; null: it went through the gateway
alter table engagements add column reference text;       -- what names it there
alter table engagements add column name text;            -- of a form, a mailing, a custom event: which one
alter table engagements add column purpose_id text;      -- of a solicitation: what for
alter table engagements add column solicits smallint not null default 0;   -- 1: the business has asked for something
alter table engagements add column amount bigint;        -- of a purchase, in minor units of its currency
alter table engagements add column currency text;        -- ISO 4217
alter table engagements add column channel text;         -- how it came about, where known: GA4's channel group …
alter table engagements add column medium text;
alter table engagements add column campaign text;
alter table engagements add column properties text;      -- JSON object: whatever else was said
-- A source tells the same thing once.
create unique index engagements_by_reference on engagements (source, reference) where reference is not null;
create index engagements_by_kind on engagements (kind, at);
