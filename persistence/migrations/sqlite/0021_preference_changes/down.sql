DROP TRIGGER audit_entries_stay;
DROP TRIGGER audit_entries_are_kept;
DELETE FROM audit_entries
WHERE action = 'change_preferences';
ALTER TABLE audit_entries RENAME COLUMN action TO action_before;
ALTER TABLE audit_entries ADD COLUMN action TEXT NOT NULL DEFAULT 'stop_sending' CHECK (
    action IN ('stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message')
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

ALTER TABLE objections RENAME TO objections_after;
CREATE TABLE objections (
    action_id BLOB NOT NULL REFERENCES actions (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    locale TEXT NOT NULL,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    supporter_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (action_id, activity)
) STRICT, WITHOUT ROWID;
INSERT INTO objections (action_id, activity, version, locale, organisation_id, campaign_id, supporter_id, created_at)
SELECT action_id, activity, version, locale, organisation_id, campaign_id, supporter_id, created_at
FROM objections_after
WHERE action_id IS NOT NULL AND version IS NOT NULL AND locale IS NOT NULL;
DROP TABLE objections_after;
CREATE INDEX objections_of_supporter ON objections (organisation_id, supporter_id);

ALTER TABLE consents RENAME TO consents_after;
CREATE TABLE consents (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    supporter_id BLOB NOT NULL,
    action_id BLOB NOT NULL REFERENCES actions (id),
    question_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'phone', 'sms', 'post')),
    answer TEXT NOT NULL CHECK (answer IN ('yes', 'no')),
    locale TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    privacy_notice_version TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO consents (
    id, organisation_id, campaign_id, supporter_id, action_id, question_id, version, purpose, channel, answer, locale,
    created_at, privacy_notice_version
)
SELECT
    id, organisation_id, campaign_id, supporter_id, action_id, question_id, version, purpose, channel, answer, locale,
    created_at, privacy_notice_version
FROM consents_after
WHERE action_id IS NOT NULL AND question_id IS NOT NULL AND answer <> 'not_refused';
DROP TABLE consents_after;
CREATE INDEX consents_of_supporter ON consents (organisation_id, supporter_id, created_at);
CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents is append-only');
END;
CREATE TRIGGER consents_no_delete BEFORE DELETE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents is append-only');
END;

ALTER TABLE consent_wordings DROP COLUMN basis;
DROP TABLE preference_changes;
