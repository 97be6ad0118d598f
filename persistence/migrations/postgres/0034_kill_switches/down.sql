DROP TRIGGER audit_entries_append_only ON audit_entries;
DELETE FROM audit_entries
WHERE action IN ('stop_submissions', 'resume_submissions');
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request',
        'correct_supporter', 'decide_review', 'step_invalidation'
    )
);
CREATE TRIGGER audit_entries_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DELETE FROM revisions WHERE name = 'stops';

DELETE FROM stops WHERE scope IN ('campaign', 'domain') OR work = 'submissions';
ALTER TABLE stops
DROP COLUMN domain,
DROP COLUMN work,
DROP COLUMN notice,
DROP COLUMN made_by,
DROP CONSTRAINT stops_scope_check,
ADD CONSTRAINT stops_scope_check CHECK (scope IN ('everything', 'organisation', 'representative'));
