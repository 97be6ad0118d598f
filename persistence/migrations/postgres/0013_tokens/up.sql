-- Tokens that this server issued, and what was revoked before its time. A token itself is never stored.

CREATE TABLE tokens (
    id UUID PRIMARY KEY,
    subject TEXT NOT NULL,
    org TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

-- Tokens are named by their `jti`; of a subject, all that were issued until then are revoked.
CREATE TABLE revocations (
    kind TEXT NOT NULL CHECK (kind IN ('token', 'subject')),
    name TEXT NOT NULL,
    revoked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kind, name)
);

INSERT INTO revisions (name, revision) VALUES ('revocations', 0);
