-- Talks that were carried on elsewhere, or should have been.

create table transfers (
    call_id        text not null references calls (id),
    asked_at       bigint not null,
    settled_at     bigint not null,
    asked_by       text not null,         -- caller, line
    target         text not null,         -- as it was asked for: a SIP URI, or the call that was taken over
    kind           text not null,         -- blind, attended
    destination_id text,                  -- that the target stands in; null: refused, or of another call
    outcome        text not null,         -- done, refused, failed
    sip_status     bigint not null,       -- what the side that asked was told
    primary key (call_id, asked_at, target)
);
