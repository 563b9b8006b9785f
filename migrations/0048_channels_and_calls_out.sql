-- By what a purpose is pursued, in words with spaces between: what people are asked about on their page.
alter table purposes add column channels text;   -- null: all by which people are reached

-- Of a call that another system tells that the business made: how it ended.
alter table engagements add column outcome text;     -- answered, missed, busy, voicemail or failed
alter table engagements add column talk_ms bigint;   -- for how long it was talked, or a message was left
alter table engagements add column recording text;   -- the address at which that system keeps its sound
