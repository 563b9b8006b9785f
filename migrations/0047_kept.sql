-- What was given and cannot be read is kept as it was given; what a visitor did whom nobody knows yet, too.

alter table contacts add column unread text;             -- JSON: [{"part": …, "value": …}]; null: everything could be read

-- What another system tells of a visitor stands with the visit, and becomes an engagement as soon as they are a contact.
alter table events add column told text;                 -- JSON: what it told, and who; null: the page's own, or done
create index events_told on events (visit_id) where told is not null;
