-- What administrators hold back, and what they did.

CREATE TABLE stops (
    id uuid NOT NULL PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('everything', 'organisation', 'representative')),
    -- The organisation or the representative; nil for everything.
    subject_id uuid NOT NULL UNIQUE,
    note text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE audit_entries (
    id uuid NOT NULL PRIMARY KEY,
    -- Whose data it concerns; nothing for what concerns everybody.
    organisation_id uuid,
    -- The subject of the token.
    actor text NOT NULL,
    action text NOT NULL CHECK (
        action IN ('stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message')
    ),
    -- The message, the organisation or the representative that it was done to; nil for everything.
    subject_id uuid NOT NULL,
    note text,
    created_at timestamptz NOT NULL
);

CREATE INDEX audit_entries_of_organisation ON audit_entries (organisation_id, created_at, id);
CREATE INDEX audit_entries_of_subject ON audit_entries (subject_id, created_at, id);

CREATE TRIGGER audit_entries_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
