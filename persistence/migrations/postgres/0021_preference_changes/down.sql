DROP TRIGGER audit_entries_append_only ON audit_entries;
DELETE FROM audit_entries
WHERE action = 'change_preferences';
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN ('stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message')
);
CREATE TRIGGER audit_entries_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DROP TRIGGER objections_append_only ON objections;
DELETE FROM objections
WHERE action_id IS NULL;
DROP INDEX objections_of_action;
DROP INDEX objections_of_supporter;
ALTER TABLE objections
DROP COLUMN id,
DROP COLUMN change_id,
DROP COLUMN stance,
ALTER COLUMN action_id SET NOT NULL,
ALTER COLUMN campaign_id SET NOT NULL,
ALTER COLUMN version SET NOT NULL,
ALTER COLUMN locale SET NOT NULL,
ADD PRIMARY KEY (action_id, activity);
CREATE INDEX objections_of_supporter ON objections (organisation_id, supporter_id);

DROP TRIGGER consents_append_only ON consents;
DELETE FROM consents
WHERE action_id IS NULL OR question_id IS NULL OR answer = 'not_refused';
ALTER TABLE consents
DROP CONSTRAINT consents_wording,
DROP CONSTRAINT consents_question_version,
DROP CONSTRAINT consents_question,
DROP CONSTRAINT consents_answer_check,
DROP COLUMN change_id,
ADD CONSTRAINT consents_answer_check CHECK (answer IN ('yes', 'no')),
ALTER COLUMN campaign_id SET NOT NULL,
ALTER COLUMN action_id SET NOT NULL,
ALTER COLUMN question_id SET NOT NULL,
ALTER COLUMN version SET NOT NULL,
ALTER COLUMN locale SET NOT NULL;
CREATE TRIGGER consents_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON consents
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE consent_wordings DROP COLUMN basis;
DROP TABLE preference_changes;
