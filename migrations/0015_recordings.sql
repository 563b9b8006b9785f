-- Calls that were kept as sound, and who listened.

alter table numbers add column recording text;   -- JSON: the rule by which calls are recorded; null: they are not

create table recordings (
    id          text primary key,
    call_id     text not null references calls (id),
    began_at    bigint not null,
    purpose     text not null,           -- what it is for, as the number's rule said then
    format      text not null,           -- ogg_opus, wav
    rate        bigint not null,         -- samples a second of each track
    ended_at    bigint,                  -- null: goes on
    length_ms   bigint,
    bytes       bigint,                  -- in the clear
    paused      text,                    -- JSON: [{"from_ms": …, "to_ms": …}]
    peaks       text,                    -- JSON: [[left, right], …]
    failure     text,                    -- why sound is missing; null: none is
    uploaded_at bigint,                  -- since when it is in the bucket; null: in the node's folder
    delete_at   bigint not null,         -- when it is due
    delete_why  text not null,           -- retention, person, admin
    deleted_by  text,                    -- who asked; null: nobody, its time was over
    deleted_at  bigint                   -- set: the sound is gone, this row tells that it was
);
create index recordings_by_call on recordings (call_id);
create index recordings_by_time on recordings (began_at, id);
create index recordings_due on recordings (delete_at) where deleted_at is null;
create index recordings_to_upload on recordings (ended_at) where uploaded_at is null and deleted_at is null;

create table recording_accesses (
    recording_id text not null references recordings (id),
    at           bigint not null,
    who          text not null,          -- user:<id>, key:<id>
    what         text not null           -- listened, downloaded, deleted
);
create index recording_accesses_by_recording on recording_accesses (recording_id, at);
