-- What is suspicious in what is known of contacts.

alter table contacts add column marked bigint not null default 0;    -- the rules by which its marks were made; 0: none yet
create index contacts_to_mark on contacts (marked, id);

-- Made from what is known of the contact: they go with it, and are made anew.
create table marks (
    contact_id text not null references contacts (id),
    place      text not null,            -- name, given_name, family_name, addresses[0], or kind and value of an identity
    code       text not null,            -- what is wrong: email_typo, phone_fiction …
    suggestion text,                     -- what was probably meant
    since      bigint not null,
    source     text not null,            -- who wrote it: key:<id>, user:<id>, site:<id>, import:<id>, call, earlier
    primary key (contact_id, place, code)
);
create index marks_by_code on marks (code, contact_id);

-- Tables of contacts that somebody brings. The file itself lies in a folder of the node, until the work is done.
create table imports (
    id          text primary key,
    name        text not null,           -- what the file was called
    node        text not null,           -- whose folder has it
    created_at  bigint not null,
    by_whom     text not null,           -- key:<id>, user:<id>
    state       text not null,           -- waiting, checking, checked, importing, imported, failed
    cells_by    text not null,           -- what separates cells: comma, semicolon, tab
    columns     text not null,           -- JSON array: the headings
    mapping     text,                    -- JSON array: what each column means; null: nobody has said
    bytes       bigint not null,
    next_byte   bigint not null,         -- where the next row is read: written together with the rows before it
    next_line   bigint not null,
    run         bigint not null,
    counts      text not null,           -- JSON: what became of the rows of the last run
    problem     text,
    finished_at bigint
);
create index imports_by_time on imports (created_at, id);

-- What became of each row, without what it says.
create table import_lines (
    import_id text not null references imports (id),
    run       bigint not null,
    line      bigint not null,
    outcome   text not null,             -- created, changed, unchanged, merged, refused
    marks     text not null,             -- what is suspicious, with spaces between
    problems  text,                      -- JSON: [{"column": …, "detail": …}]; null: none
    primary key (import_id, run, line)
);
