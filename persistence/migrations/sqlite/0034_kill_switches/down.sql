DROP TRIGGER audit_entries_stay;
DROP TRIGGER audit_entries_are_kept;
DELETE FROM audit_entries
WHERE action IN ('stop_submissions', 'resume_submissions');
ALTER TABLE audit_entries RENAME COLUMN action TO action_before;
ALTER TABLE audit_entries ADD COLUMN action TEXT NOT NULL DEFAULT 'stop_sending' CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request',
        'correct_supporter', 'decide_review', 'step_invalidation'
    )
);
UPDATE audit_entries SET action = action_before;
ALTER TABLE audit_entries DROP COLUMN action_before;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN
    SELECT raise(ABORT, 'an audit entry never changes');
END;
CREATE TRIGGER audit_entries_are_kept BEFORE DELETE ON audit_entries
BEGIN
    SELECT raise(ABORT, 'an audit entry never goes');
END;

DELETE FROM revisions WHERE name = 'stops';

DELETE FROM stops WHERE scope IN ('campaign', 'domain') OR work = 'submissions';
ALTER TABLE stops RENAME TO stops_before;
CREATE TABLE stops (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('everything', 'organisation', 'representative')),
    -- The organisation or the representative; nil for everything.
    subject_id BLOB NOT NULL UNIQUE,
    note TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO stops (id, scope, subject_id, note, created_by, created_at)
SELECT id, scope, subject_id, note, created_by, created_at FROM stops_before;
DROP TABLE stops_before;
