-- What the gateway can say in an admin's own words.

create table prompts (
    id         text primary key,     -- as plans name it
    title      text not null,
    language   text,                 -- BCP 47; null: none, such as music
    length_ms  bigint not null,
    sound      bytea not null,       -- 16-bit samples (s16le), mono, 16,000 a second
    digest     text not null,        -- SHA-256 of the sound in hex: whether it is another one
    changed_at bigint not null
);
