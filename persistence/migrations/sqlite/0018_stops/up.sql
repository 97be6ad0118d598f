-- What administrators hold back, and what they did.

CREATE TABLE stops (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('everything', 'organisation', 'representative')),
    -- The organisation or the representative; nil for everything.
    subject_id BLOB NOT NULL UNIQUE,
    note TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_entries (
    id BLOB NOT NULL PRIMARY KEY,
    -- Whose data it concerns; nothing for what concerns everybody.
    organisation_id BLOB,
    -- The subject of the token.
    actor TEXT NOT NULL,
    action TEXT NOT NULL CHECK (
        action IN ('stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message')
    ),
    -- The message, the organisation or the representative that it was done to; nil for everything.
    subject_id BLOB NOT NULL,
    note TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_entries_of_organisation ON audit_entries (organisation_id, created_at, id);
CREATE INDEX audit_entries_of_subject ON audit_entries (subject_id, created_at, id);

CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN
    SELECT raise(ABORT, 'an audit entry never changes');
END;
CREATE TRIGGER audit_entries_are_kept BEFORE DELETE ON audit_entries
BEGIN
    SELECT raise(ABORT, 'an audit entry never goes');
END;
