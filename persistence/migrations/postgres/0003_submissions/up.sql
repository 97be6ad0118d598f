-- What grows with supporters. Every table carries its organisation or its campaign, so that it can be spread by it.
--
-- Foreign keys stop at the submission: none points at campaigns, editions or representatives. Each would lock the one row
-- that every submission of a campaign shares, and writers would wait for each other there.

CREATE TABLE supporters (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL,
    -- The address in lower case: sameness is decided by the domain, never by a collation.
    email_key TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (organisation_id, email_key)
);

CREATE TABLE actions (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    supporter_id UUID NOT NULL REFERENCES supporters (id),
    status TEXT NOT NULL CHECK (status IN ('awaiting_confirmation', 'confirmed', 'expired', 'withdrawn', 'invalidated')),
    is_test BOOLEAN NOT NULL,
    -- The one action by which its supporter counts in the campaign.
    first_of_supporter BOOLEAN NOT NULL,
    nation TEXT NOT NULL CHECK (nation IN ('england', 'scotland', 'wales', 'northern_ireland')),
    locale TEXT NOT NULL,
    areas JSONB NOT NULL,
    words JSONB NOT NULL,
    source TEXT,
    medium TEXT,
    source_campaign TEXT,
    created_at TIMESTAMPTZ NOT NULL
);

-- Whoever writes at the same moment: a supporter counts once in a campaign.
CREATE UNIQUE INDEX actions_first ON actions (campaign_id, supporter_id)
WHERE first_of_supporter = TRUE;
CREATE INDEX actions_of_campaign ON actions (campaign_id, created_at, id);
CREATE INDEX actions_of_organisation ON actions (organisation_id, created_at, id);

-- The ledger of consent: rows are added and never changed.
CREATE TABLE consents (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    supporter_id UUID NOT NULL,
    action_id UUID NOT NULL REFERENCES actions (id),
    question_id UUID NOT NULL,
    version INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'phone', 'sms', 'post')),
    answer TEXT NOT NULL CHECK (answer IN ('yes', 'no')),
    locale TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX consents_of_supporter ON consents (organisation_id, supporter_id, created_at);

CREATE TRIGGER consents_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON consents
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE objections (
    action_id UUID NOT NULL REFERENCES actions (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    locale TEXT NOT NULL,
    organisation_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    supporter_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (action_id, activity)
);

CREATE INDEX objections_of_supporter ON objections (organisation_id, supporter_id);

-- Of the indexed columns only available_at ever changes, so that a change of state alone rewrites no index. Room is left on
-- each page for that, and dead entries at the head of the queue are swept up soon.
CREATE TABLE deliveries (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    supporter_id UUID NOT NULL,
    action_id UUID NOT NULL REFERENCES actions (id),
    representative_id UUID NOT NULL,
    office TEXT NOT NULL CHECK (office IN ('mp', 'msp_constituency', 'msp_region', 'ms', 'mla')),
    area_code TEXT NOT NULL,
    edition_id UUID NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'held', 'queued', 'sending', 'accepted', 'assumed_delivered', 'temporary_failure', 'permanent_failure',
            'technical_failure', 'uncertain', 'cancelled'
        )
    ),
    is_test BOOLEAN NOT NULL,
    -- The first delivery to this representative, where the same person had already written to them.
    repeat_of UUID,
    -- When a worker may take it; nothing while there is nothing to do.
    available_at TIMESTAMPTZ,
    attempts INTEGER NOT NULL,
    lease_token UUID,
    -- What the relay last answered.
    reply TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX deliveries_of_action ON deliveries (action_id);
CREATE INDEX deliveries_of_organisation ON deliveries (organisation_id, created_at, id);
CREATE INDEX deliveries_repeating ON deliveries (repeat_of) WHERE repeat_of IS NOT NULL;
-- The queue: a claim reads its head and nothing else, however long it is.
CREATE INDEX deliveries_due ON deliveries (available_at, id) WHERE available_at IS NOT NULL;
-- One message per supporter, campaign and representative.
CREATE UNIQUE INDEX deliveries_first ON deliveries (campaign_id, supporter_id, representative_id)
WHERE repeat_of IS NULL AND is_test = FALSE;

CREATE TABLE delivery_attempts (
    delivery_id UUID NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL,
    campaign_id UUID NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    -- The state that the attempt led to; nothing while it lasts.
    outcome TEXT CHECK (
        outcome IN (
            'queued', 'accepted', 'temporary_failure', 'permanent_failure', 'technical_failure', 'uncertain', 'cancelled'
        )
    ),
    reply TEXT,
    PRIMARY KEY (delivery_id, number)
);

-- Each change of a campaign's counts first raises this number and then stamps the rows it changes with it. So a version never
-- runs backwards, writers of one campaign follow one another, and "everything after version n" is all a node has to read.
CREATE TABLE tally_versions (
    campaign_id UUID PRIMARY KEY,
    version BIGINT NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Rows change in place all day: room is left on each page for the next version of a row.
CREATE TABLE tallies (
    campaign_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, kind, key)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.1);

CREATE TABLE idempotency_keys (
    -- The campaign or the caller that the key belongs to.
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    answer JSONB NOT NULL,
    -- The campaign's actions just after: known only once the counts have been changed.
    tally_actions BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX idempotency_keys_expiring ON idempotency_keys (expires_at);

-- Who must not be written to or in whose name nothing is sent, as keyed hashes that outlive erasure.
CREATE TABLE suppressions (
    organisation_id UUID NOT NULL,
    email_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (organisation_id, email_hash)
);
