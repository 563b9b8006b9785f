-- When a pool had no number for a visit, by its time.

create index unleased_by_pool on unleased (pool_id, at);
