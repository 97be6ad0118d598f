-- Challenges that a submission was accepted with: each counts once, on every server.
CREATE TABLE spent_challenges (
    id BLOB NOT NULL PRIMARY KEY,
    -- When it could not be sent any more, with time to spare for clocks that differ.
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_challenges_expiring ON spent_challenges (expires_at);
