-- What holds for every answer of a table whose row does not say it itself: JSON of a consent's fields.
alter table imports add column consents text;
