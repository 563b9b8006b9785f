-- What people at the console may do, and how they show who they are.

alter table users add column role text not null default 'admin';         -- admin, telephony, marketing, outlet, reader
alter table users add column outlet_id text references outlets (id);     -- sees this and all below; null: everything
alter table users add column totp text;                                  -- base32; null: the password is enough
alter table users add column totp_used bigint;                           -- the step of the last code: each is good once

alter table sessions add column browser text;                            -- as it calls itself
alter table sessions add column awaits_code smallint not null default 0; -- 1: the password was right, the code is missing
create index sessions_by_user on sessions (user_id);
