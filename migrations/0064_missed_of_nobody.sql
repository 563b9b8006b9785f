-- Missed calls that nobody can call back are only counted: by this alone. Its conditions are those of the question, word by word.
create index calls_of_nobody on calls (arrived_at, destination_id, outlet_id)
    where contact_id is null and outcome in ('missed', 'busy', 'abandoned', 'voicemail', 'failed')
    and destination_id is not null;
