-- Submissions that a person looks at before anything is sent. One that is approved becomes an action of the same id.
CREATE TABLE reviews (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    -- Looked for when somebody asks for the person's data, so that holding takes as long for anybody.
    supporter_id BLOB REFERENCES supporters (id),
    state TEXT NOT NULL CHECK (state IN ('in_review', 'approved', 'refused', 'withdrawn', 'ended')),
    -- The signals that it is held for.
    reasons TEXT NOT NULL CHECK (json_valid(reasons)),
    -- What was submitted, and the address it came with, sealed; nothing once it is an action, or no appeal can come.
    sealed_submission BLOB,
    sealed_address BLOB,
    -- What the supporter says against the decision, sealed.
    sealed_appeal BLOB,
    appealed_at INTEGER,
    -- For other staff.
    note TEXT,
    -- The subject of the token that it was decided with; nothing for what the campaign's terms decided.
    decided_by TEXT,
    decided_at INTEGER,
    -- When it ends by itself.
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX reviews_of_organisation ON reviews (organisation_id, created_at, id);
CREATE INDEX reviews_of_supporter ON reviews (supporter_id) WHERE supporter_id IS NOT NULL;
CREATE INDEX reviews_due ON reviews (due_at) WHERE state = 'in_review';
CREATE INDEX reviews_to_release ON reviews (decided_at) WHERE state = 'approved' AND sealed_submission IS NOT NULL;

-- The audit says what was decided on them.
DROP TRIGGER audit_entries_stay;
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
