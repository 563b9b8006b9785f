-- How a site's visits are read, and what static numbers stand on.

alter table sites add column reading text;     -- JSON: aliases of utm parameters, ignored referrers, own rules

-- A medium off the web: what it is, what it cost, when it ran, where its QR code leads.
alter table numbers add column medium_kind text;      -- poster, flyer, card, directory, profile, signature, other
alter table numbers add column cost_minor bigint;     -- in the currency's smallest unit
alter table numbers add column currency text;         -- ISO 4217
alter table numbers add column runs_from text;        -- dates, both included
alter table numbers add column runs_until text;
alter table numbers add column landing_page text;
