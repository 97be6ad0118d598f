-- Tokens that this server issued, and what was revoked before its time. A token itself is never stored.

CREATE TABLE tokens (
    id BLOB NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    org TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Tokens are named by their `jti`; of a subject, all that were issued until then are revoked.
CREATE TABLE revocations (
    kind TEXT NOT NULL CHECK (kind IN ('token', 'subject')),
    name TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;

INSERT INTO revisions (name, revision) VALUES ('revocations', 0);
