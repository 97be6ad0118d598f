-- Marks a database that `serve --demo` filled: the demo runs on no other that holds anything. At most one row.

CREATE TABLE demo_fillings (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    started_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
