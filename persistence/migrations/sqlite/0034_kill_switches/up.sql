-- Stops hold back submissions too, and say so to the public.
ALTER TABLE stops RENAME TO stops_before;
CREATE TABLE stops (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('everything', 'organisation', 'campaign', 'representative', 'domain')),
    -- The organisation, campaign or representative; nil for everything, and the stop itself for a domain.
    subject_id BLOB NOT NULL UNIQUE,
    domain TEXT UNIQUE,
    work TEXT NOT NULL CHECK (work IN ('sending', 'submissions', 'both')),
    -- What the public reads, by language.
    notice TEXT CHECK (json_valid(notice)),
    note TEXT NOT NULL,
    -- The organisation whose token made it; nothing for the operator's, which nobody else lifts.
    made_by BLOB REFERENCES organisations (id),
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO stops (id, scope, subject_id, work, note, made_by, created_by, created_at)
SELECT id, scope, subject_id, 'sending', note, iif(scope = 'organisation', subject_id, NULL), created_by, created_at
FROM stops_before;
DROP TABLE stops_before;

INSERT INTO revisions (name, revision) VALUES ('stops', 0);

-- The audit says which work was stopped.
DROP TRIGGER audit_entries_stay;
ALTER TABLE audit_entries RENAME COLUMN action TO action_before;
ALTER TABLE audit_entries ADD COLUMN action TEXT NOT NULL DEFAULT 'stop_sending' CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'stop_submissions', 'resume_submissions', 'retry_message', 'release_message',
        'cancel_message', 'read_message', 'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request',
        'step_request', 'correct_supporter', 'decide_review', 'step_invalidation'
    )
);
UPDATE audit_entries SET action = action_before;
ALTER TABLE audit_entries DROP COLUMN action_before;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN
    SELECT raise(ABORT, 'an audit entry never changes');
END;
