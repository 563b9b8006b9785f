-- Ring plans: what rings when a call comes for a destination.

alter table destinations add column ring_plan text;    -- JSON: strategy, steps, hours, limit, fallback
update destinations set ring_plan = '{"strategy":"order","steps":[{"target":{"uri":"' || line ||
    '"},"ring_s":' || cast(ring_ms / 1000 as text) || '}]}';
alter table destinations drop column line;
alter table destinations drop column ring_ms;

alter table numbers add column calls_at_once bigint;   -- a call above this many hears busy

-- The destination that took the call: with a fallback, another than the number's own.
alter table calls add column answered_by text;
