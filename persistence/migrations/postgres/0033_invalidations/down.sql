DROP TRIGGER audit_entries_append_only ON audit_entries;
DELETE FROM audit_entries
WHERE action = 'step_invalidation';
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request',
        'correct_supporter', 'decide_review'
    )
);
CREATE TRIGGER audit_entries_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DROP TABLE invalidated_actions;
DROP TABLE invalidations;
DROP INDEX actions_with_client;
ALTER TABLE actions DROP COLUMN client;
