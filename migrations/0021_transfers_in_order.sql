-- Two transfers of a call that were asked for within a millisecond stand in the order in which they were settled.

alter table transfers add column position bigint not null default 0;   -- how many of its call were settled before
