-- What one of many must not stop, and what only looked settled.

alter table retention_runs add column failed bigint not null default 0;  -- contacts that could not be erased
alter table tasks add column reopened smallint not null default 0;       -- 1: somebody has opened it again; it settles no more by itself
alter table merges add column nth bigint not null default 0;             -- their order, of those that ended in one contact
