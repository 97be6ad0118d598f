-- Readiness writes here, so that it fails when nothing can be written.

INSERT INTO revisions (name, revision) VALUES ('readiness', 0);

-- A check value of each key that stored data depends on: a server with another key refuses to start.

CREATE TABLE key_checks (
    purpose TEXT NOT NULL PRIMARY KEY,
    check_value BLOB NOT NULL
) STRICT;
