-- People change their minds outside a form too: through a link, or by telephone and letter, recorded by a member of staff.

CREATE TABLE preference_changes (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    supporter_id BLOB NOT NULL REFERENCES supporters (id),
    means TEXT NOT NULL CHECK (means IN ('form', 'link', 'telephone', 'post', 'email', 'in_person')),
    -- The subject of the token that it was recorded with; nothing for what people changed themselves.
    recorded_by TEXT,
    -- Why, in the words of staff. The only column that may go later, with the person.
    note TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX preference_changes_of_supporter ON preference_changes (organisation_id, supporter_id, created_at);

CREATE TRIGGER preference_changes_no_update BEFORE UPDATE ON preference_changes
WHEN NEW.note IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.organisation_id IS NOT OLD.organisation_id
OR NEW.supporter_id IS NOT OLD.supporter_id OR NEW.means IS NOT OLD.means OR NEW.recorded_by IS NOT OLD.recorded_by
OR NEW.created_at IS NOT OLD.created_at
BEGIN
    SELECT RAISE(ABORT, 'preference_changes is append-only');
END;

CREATE TRIGGER preference_changes_no_delete BEFORE DELETE ON preference_changes
BEGIN
    SELECT RAISE(ABORT, 'preference_changes is append-only');
END;

-- The lawful basis that a question names.
ALTER TABLE consent_wordings ADD COLUMN basis TEXT NOT NULL DEFAULT 'consent'
CHECK (basis IN ('consent', 'charitable_soft_opt_in'));

ALTER TABLE consents RENAME TO consents_before;

-- The ledger of consent: rows are added and never changed.
CREATE TABLE consents (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    -- Nothing for what was said outside a campaign.
    campaign_id BLOB,
    supporter_id BLOB NOT NULL,
    -- The evidence: the action that the answer was given with, or the change that it is part of.
    action_id BLOB REFERENCES actions (id),
    change_id BLOB REFERENCES preference_changes (id),
    -- What was answered, word for word. To say no, nobody has to be asked.
    question_id BLOB,
    version INTEGER,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'phone', 'sms', 'post')),
    answer TEXT NOT NULL CHECK (answer IN ('yes', 'no', 'not_refused')),
    locale TEXT,
    created_at INTEGER NOT NULL,
    privacy_notice_version TEXT,
    CHECK ((action_id IS NULL) <> (change_id IS NULL)),
    CHECK (answer = 'no' OR question_id IS NOT NULL),
    CHECK ((question_id IS NULL) = (version IS NULL)),
    FOREIGN KEY (question_id, version) REFERENCES consent_wordings (question_id, version)
) STRICT, WITHOUT ROWID;

INSERT INTO consents (
    id, organisation_id, campaign_id, supporter_id, action_id, question_id, version, purpose, channel, answer, locale,
    created_at, privacy_notice_version
)
SELECT
    id, organisation_id, campaign_id, supporter_id, action_id, question_id, version, purpose, channel, answer, locale,
    created_at, privacy_notice_version
FROM consents_before;

DROP TABLE consents_before;

CREATE INDEX consents_of_supporter ON consents (organisation_id, supporter_id, created_at);

CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents is append-only');
END;

CREATE TRIGGER consents_no_delete BEFORE DELETE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents is append-only');
END;

-- A connection may have foreign keys switched off, as the sqlite3 shell has: evidence is asked for here too.
CREATE TRIGGER consents_have_evidence BEFORE INSERT ON consents
WHEN NOT EXISTS (
    SELECT 1 FROM actions WHERE id = NEW.action_id AND supporter_id = NEW.supporter_id
    UNION ALL SELECT 1 FROM preference_changes WHERE id = NEW.change_id AND supporter_id = NEW.supporter_id
) OR NOT EXISTS (
    SELECT 1 FROM consent_wordings WHERE question_id = NEW.question_id AND version = NEW.version
    UNION ALL SELECT 1 WHERE NEW.answer = 'no'
)
BEGIN
    SELECT RAISE(ABORT, 'an answer needs its evidence');
END;

ALTER TABLE objections RENAME TO objections_before;

-- The ledger of objections, and of those that were taken back: rows are added and never changed.
CREATE TABLE objections (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB,
    supporter_id BLOB NOT NULL,
    action_id BLOB REFERENCES actions (id),
    change_id BLOB REFERENCES preference_changes (id),
    activity TEXT NOT NULL,
    stance TEXT NOT NULL CHECK (stance IN ('objects', 'allows')),
    -- The notice that was shown, if one was.
    version INTEGER,
    locale TEXT,
    created_at INTEGER NOT NULL,
    CHECK ((action_id IS NULL) <> (change_id IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO objections (
    id, organisation_id, campaign_id, supporter_id, action_id, activity, stance, version, locale, created_at
)
SELECT
    randomblob(16), organisation_id, campaign_id, supporter_id, action_id, activity, 'objects', version, locale, created_at
FROM objections_before;

DROP TABLE objections_before;

CREATE INDEX objections_of_supporter ON objections (organisation_id, supporter_id, created_at);
CREATE UNIQUE INDEX objections_of_action ON objections (action_id, activity) WHERE action_id IS NOT NULL;

CREATE TRIGGER objections_no_update BEFORE UPDATE ON objections
BEGIN
    SELECT RAISE(ABORT, 'objections is append-only');
END;

CREATE TRIGGER objections_no_delete BEFORE DELETE ON objections
BEGIN
    SELECT RAISE(ABORT, 'objections is append-only');
END;

-- Administrators may now change what people wish. A column's check cannot be changed, so the column is replaced.
DROP TRIGGER audit_entries_stay;
ALTER TABLE audit_entries RENAME COLUMN action TO action_before;
ALTER TABLE audit_entries ADD COLUMN action TEXT NOT NULL DEFAULT 'stop_sending' CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences'
    )
);
UPDATE audit_entries SET action = action_before;
ALTER TABLE audit_entries DROP COLUMN action_before;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN
    SELECT raise(ABORT, 'an audit entry never changes');
END;
