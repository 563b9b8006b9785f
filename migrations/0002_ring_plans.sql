-- Ring plans: what rings when a call comes for a destination.

-- The destination that took the call: with a fallback, another than the number's own.
alter table calls add column answered_by text;
