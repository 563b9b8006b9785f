-- Every page that is looked at moves `free_at`: it stands in the one index that sorts by it.
-- A visitor has few numbers, which need no order kept.

drop index numbers_by_visitor;
create index numbers_by_visitor on numbers (pool_id, visitor_id) where in_service = 1;
