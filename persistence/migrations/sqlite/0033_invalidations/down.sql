DROP TRIGGER audit_entries_stay;
DROP TRIGGER audit_entries_are_kept;
DELETE FROM audit_entries
WHERE action = 'step_invalidation';
ALTER TABLE audit_entries RENAME COLUMN action TO action_before;
ALTER TABLE audit_entries ADD COLUMN action TEXT NOT NULL DEFAULT 'stop_sending' CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request',
        'correct_supporter', 'decide_review'
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

DROP TABLE invalidated_actions;
DROP TABLE invalidations;
DROP INDEX actions_with_client;
ALTER TABLE actions DROP COLUMN client;
