-- Submissions that are struck out together, and can be put back.
ALTER TABLE actions ADD COLUMN client BYTEA;
CREATE INDEX actions_with_client ON actions (organisation_id, created_at) WHERE client IS NOT NULL;

CREATE TABLE invalidations (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    -- Only its actions; those of all campaigns of the organisation without one.
    campaign_id UUID REFERENCES campaigns (id) ON DELETE CASCADE,
    conditions JSONB NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('counting', 'ready', 'running', 'cancelled', 'done', 'undoing', 'undone')),
    -- How far it has looked, and what it has found.
    looked_until TIMESTAMPTZ NOT NULL,
    looked_until_id UUID NOT NULL,
    looked_at BIGINT NOT NULL DEFAULT 0,
    found BIGINT NOT NULL DEFAULT 0,
    letters_waiting BIGINT NOT NULL DEFAULT 0,
    letters_sent BIGINT NOT NULL DEFAULT 0,
    -- How many are struck out now.
    struck_out BIGINT NOT NULL DEFAULT 0,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX invalidations_of_organisation ON invalidations (organisation_id, created_at, id);
CREATE INDEX invalidations_at_work ON invalidations (id) WHERE state IN ('counting', 'running', 'undoing');

CREATE TABLE invalidated_actions (
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    invalidation_id UUID NOT NULL REFERENCES invalidations (id) ON DELETE CASCADE,
    action_id UUID NOT NULL REFERENCES actions (id),
    -- What has been done with it; passed over if it had changed by then.
    standing TEXT NOT NULL CHECK (standing IN ('found', 'struck_out', 'restored', 'passed_over')),
    -- What it is put back to.
    status_before TEXT,
    PRIMARY KEY (invalidation_id, action_id)
);

CREATE INDEX invalidated_actions_by_standing ON invalidated_actions (invalidation_id, standing, action_id);
CREATE INDEX invalidations_of_action ON invalidated_actions (action_id);

-- The audit says what was done with them.
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request',
        'correct_supporter', 'decide_review', 'step_invalidation'
    )
);
