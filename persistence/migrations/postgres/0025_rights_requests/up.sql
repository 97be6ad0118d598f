-- What people ask about their data, and complaints, with the clock that the law sets them.
CREATE TABLE rights_requests (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL,
    -- Nothing for somebody who is not known.
    supporter_id UUID REFERENCES supporters (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'erasure', 'rectification', 'complaint')),
    means TEXT NOT NULL CHECK (means IN ('form', 'link', 'telephone', 'post', 'email', 'in_person')),
    status TEXT NOT NULL CHECK (status IN ('open', 'paused', 'done', 'refused')),
    -- Where to answer, and what the person wrote, sealed.
    sealed_contact BYTEA,
    sealed_words BYTEA,
    -- For other staff, and what the person was answered.
    note TEXT,
    -- The subject of the token that it was recorded with; nothing for what people sent themselves.
    recorded_by TEXT,
    acknowledged_at TIMESTAMPTZ,
    paused_at TIMESTAMPTZ,
    pause_reason TEXT CHECK (pause_reason IN ('identity', 'clarification')),
    paused_seconds BIGINT NOT NULL,
    closed_at TIMESTAMPTZ,
    -- When the supporter was looked for. A complaint from the web is attributed afterwards, so that it takes as long for anybody.
    attributed_at TIMESTAMPTZ,
    revision BIGINT NOT NULL,
    -- When it reached the organisation.
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((status = 'paused') = (paused_at IS NOT NULL)),
    CHECK ((paused_at IS NULL) = (pause_reason IS NULL)),
    CHECK ((status = 'done' OR status = 'refused') = (closed_at IS NOT NULL))
);

CREATE INDEX rights_requests_of_organisation ON rights_requests (organisation_id, created_at, id);
CREATE INDEX rights_requests_of_supporter ON rights_requests (supporter_id) WHERE supporter_id IS NOT NULL;
CREATE INDEX rights_requests_to_attribute ON rights_requests (created_at) WHERE attributed_at IS NULL;
CREATE INDEX rights_requests_open ON rights_requests (created_at) WHERE closed_at IS NULL;

-- The audit says what was done with them.
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request', 'step_request'
    )
);
