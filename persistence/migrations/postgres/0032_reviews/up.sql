-- Submissions that a person looks at before anything is sent. One that is approved becomes an action of the same id.
CREATE TABLE reviews (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    -- Looked for when somebody asks for the person's data, so that holding takes as long for anybody.
    supporter_id UUID REFERENCES supporters (id),
    state TEXT NOT NULL CHECK (state IN ('in_review', 'approved', 'refused', 'withdrawn', 'ended')),
    -- The signals that it is held for.
    reasons JSONB NOT NULL,
    -- What was submitted, and the address it came with, sealed; nothing once it is an action, or no appeal can come.
    sealed_submission BYTEA,
    sealed_address BYTEA,
    -- What the supporter says against the decision, sealed.
    sealed_appeal BYTEA,
    appealed_at TIMESTAMPTZ,
    -- For other staff.
    note TEXT,
    -- The subject of the token that it was decided with; nothing for what the campaign's terms decided.
    decided_by TEXT,
    decided_at TIMESTAMPTZ,
    -- When it ends by itself.
    due_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX reviews_of_organisation ON reviews (organisation_id, created_at, id);
CREATE INDEX reviews_of_supporter ON reviews (supporter_id) WHERE supporter_id IS NOT NULL;
CREATE INDEX reviews_due ON reviews (due_at) WHERE state = 'in_review';
CREATE INDEX reviews_to_release ON reviews (decided_at) WHERE state = 'approved' AND sealed_submission IS NOT NULL;

-- The audit says what was decided on them.
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request',
        'correct_supporter', 'decide_review'
    )
);
