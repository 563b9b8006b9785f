-- Calls whose media the gateway carries, too, and how they went.

alter table destinations add column media text not null default 'past';   -- past, relayed

alter table calls add column end_reason text;   -- why the gateway hung up: too_long, silence, stopped

create table streams (
    call_id            text not null references calls (id),
    leg                bigint not null,       -- 0: the caller's
    stream             bigint not null,       -- which m= line of its session description
    kind               text not null,         -- audio, video …
    received           bigint not null,       -- RTP packets from the leg …
    lost               bigint not null,       -- … and those that never came
    jitter_us          bigint,                -- null: their clock rate is not known
    sent               bigint not null,       -- RTP packets to the leg
    strangers          bigint not null,       -- packets from where nobody of the call is
    heard_lost         bigint,                -- as the leg reports (RTCP); null: it does not
    heard_jitter_us    bigint,
    round_trip_us      bigint,
    primary key (call_id, leg, stream)
);
