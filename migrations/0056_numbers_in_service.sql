-- Since when a number is in service, or out of it.

alter table numbers add column stands_since bigint;   -- null: out of service since before this was kept
update numbers set stands_since = created_at where in_service = 1;
