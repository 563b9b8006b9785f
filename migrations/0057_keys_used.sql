-- When a key to the API was used last, to about ten minutes.

alter table api_keys add column last_used_at bigint;   -- null: never, or not since this is kept
