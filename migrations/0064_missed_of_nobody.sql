-- Missed calls that nobody can call back are only counted: by this alone.
create index calls_of_nobody on calls (arrived_at, outcome, destination_id, outlet_id) where contact_id is null;
