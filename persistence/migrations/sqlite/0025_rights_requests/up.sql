-- What people ask about their data, and complaints, with the clock that the law sets them.
CREATE TABLE rights_requests (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    -- Nothing for somebody who is not known.
    supporter_id BLOB REFERENCES supporters (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'erasure', 'rectification', 'complaint')),
    means TEXT NOT NULL CHECK (means IN ('form', 'link', 'telephone', 'post', 'email', 'in_person')),
    status TEXT NOT NULL CHECK (status IN ('open', 'paused', 'done', 'refused')),
    -- Where to answer, and what the person wrote, sealed.
    sealed_contact BLOB,
    sealed_words BLOB,
    -- For other staff, and what the person was answered.
    note TEXT,
    -- The subject of the token that it was recorded with; nothing for what people sent themselves.
    recorded_by TEXT,
    acknowledged_at INTEGER,
    paused_at INTEGER,
    pause_reason TEXT CHECK (pause_reason IN ('identity', 'clarification')),
    paused_seconds INTEGER NOT NULL,
    closed_at INTEGER,
    -- When the supporter was looked for. A complaint from the web is attributed afterwards, so that it takes as long for anybody.
    attributed_at INTEGER,
    revision INTEGER NOT NULL,
    -- When it reached the organisation.
    created_at INTEGER NOT NULL,
    CHECK ((status = 'paused') = (paused_at IS NOT NULL)),
    CHECK ((paused_at IS NULL) = (pause_reason IS NULL)),
    CHECK ((status = 'done' OR status = 'refused') = (closed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX rights_requests_of_organisation ON rights_requests (organisation_id, created_at, id);
CREATE INDEX rights_requests_of_supporter ON rights_requests (supporter_id) WHERE supporter_id IS NOT NULL;
CREATE INDEX rights_requests_to_attribute ON rights_requests (created_at) WHERE attributed_at IS NULL;
CREATE INDEX rights_requests_open ON rights_requests (created_at) WHERE closed_at IS NULL;

-- The audit says what was done with them. A column's check cannot be changed, so the column is replaced.
DROP TRIGGER audit_entries_stay;
ALTER TABLE audit_entries RENAME COLUMN action TO action_before;
ALTER TABLE audit_entries ADD COLUMN action TEXT NOT NULL DEFAULT 'stop_sending' CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request'
    )
);
UPDATE audit_entries SET action = action_before;
ALTER TABLE audit_entries DROP COLUMN action_before;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN
    SELECT raise(ABORT, 'an audit entry never changes');
END;
