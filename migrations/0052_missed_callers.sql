-- Callers whom nobody answered are asked for what came of them: their next calls, and what was bought of late.
create index calls_by_contact_time on calls (contact_id, arrived_at);
drop index calls_by_contact;
create index engagements_bought on engagements (kind, at, currency, amount) where kind = 'purchase';
