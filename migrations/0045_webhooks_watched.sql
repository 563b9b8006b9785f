-- A webhook may ask to be left alone for a while (Retry-After).
alter table webhooks add column rests_until bigint;

-- What a webhook was told is listed, newest first; what went wrong is found among a month of what did not.
create index deliveries_of_webhook on deliveries (webhook_id, at, id);
create index deliveries_failed on deliveries (webhook_id, at, id) where why is not null;
