-- What grows with supporters. Every table carries its organisation or its campaign, so that it can be spread by it.
--
-- Small rows live in their primary key (WITHOUT ROWID): one tree to write instead of two.
--
-- Foreign keys stop at the submission: none points at campaigns, editions or representatives. Each would lock the one row
-- that every submission of a campaign shares, and writers would wait for each other there.

CREATE TABLE supporters (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    -- The address in lower case: sameness is decided by the domain, never by a collation.
    email_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organisation_id, email_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE actions (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    supporter_id BLOB NOT NULL REFERENCES supporters (id),
    status TEXT NOT NULL CHECK (status IN ('awaiting_confirmation', 'confirmed', 'expired', 'withdrawn', 'invalidated')),
    is_test INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    -- The one action by which its supporter counts in the campaign.
    first_of_supporter INTEGER NOT NULL CHECK (first_of_supporter IN (0, 1)),
    nation TEXT NOT NULL CHECK (nation IN ('england', 'scotland', 'wales', 'northern_ireland')),
    locale TEXT NOT NULL,
    areas TEXT NOT NULL CHECK (json_valid(areas)),
    words TEXT NOT NULL CHECK (json_valid(words)),
    source TEXT,
    medium TEXT,
    source_campaign TEXT,
    created_at INTEGER NOT NULL
) STRICT;

-- Whoever writes at the same moment: a supporter counts once in a campaign.
CREATE UNIQUE INDEX actions_first ON actions (campaign_id, supporter_id)
WHERE first_of_supporter = 1;
CREATE INDEX actions_of_campaign ON actions (campaign_id, created_at, id);
CREATE INDEX actions_of_organisation ON actions (organisation_id, created_at, id);

-- The ledger of consent: rows are added and never changed.
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
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX consents_of_supporter ON consents (organisation_id, supporter_id, created_at);

CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents is append-only');
END;

CREATE TRIGGER consents_no_delete BEFORE DELETE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents is append-only');
END;

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

CREATE INDEX objections_of_supporter ON objections (organisation_id, supporter_id);

CREATE TABLE deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    supporter_id BLOB NOT NULL,
    action_id BLOB NOT NULL REFERENCES actions (id),
    representative_id BLOB NOT NULL,
    office TEXT NOT NULL CHECK (office IN ('mp', 'msp_constituency', 'msp_region', 'ms', 'mla')),
    area_code TEXT NOT NULL,
    edition_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'held', 'queued', 'sending', 'accepted', 'assumed_delivered', 'temporary_failure', 'permanent_failure',
            'technical_failure', 'uncertain', 'cancelled'
        )
    ),
    is_test INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    -- The first delivery to this representative, where the same person had already written to them.
    repeat_of BLOB,
    -- When a worker may take it; nothing while there is nothing to do.
    available_at INTEGER,
    attempts INTEGER NOT NULL,
    lease_token BLOB,
    -- What the relay last answered.
    reply TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_of_action ON deliveries (action_id);
CREATE INDEX deliveries_of_organisation ON deliveries (organisation_id, created_at, id);
CREATE INDEX deliveries_repeating ON deliveries (repeat_of) WHERE repeat_of IS NOT NULL;
-- The queue: a claim reads its head and nothing else, however long it is.
CREATE INDEX deliveries_due ON deliveries (available_at, id) WHERE available_at IS NOT NULL;
-- One message per supporter, campaign and representative.
CREATE UNIQUE INDEX deliveries_first ON deliveries (campaign_id, supporter_id, representative_id)
WHERE repeat_of IS NULL AND is_test = 0;

CREATE TABLE delivery_attempts (
    delivery_id BLOB NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL,
    campaign_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- The state that the attempt led to; nothing while it lasts.
    outcome TEXT CHECK (
        outcome IN (
            'queued', 'accepted', 'temporary_failure', 'permanent_failure', 'technical_failure', 'uncertain', 'cancelled'
        )
    ),
    reply TEXT,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

-- Each change of a campaign's counts first raises this number and then stamps the rows it changes with it. So a version never
-- runs backwards, writers of one campaign follow one another, and "everything after version n" is all a node has to read.
CREATE TABLE tally_versions (
    campaign_id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
    campaign_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    count INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    -- The campaign or the caller that the key belongs to.
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer TEXT NOT NULL CHECK (json_valid(answer)),
    -- The campaign's actions just after: known only once the counts have been changed.
    tally_actions INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;

CREATE INDEX idempotency_keys_expiring ON idempotency_keys (expires_at);

-- Who must not be written to or in whose name nothing is sent, as keyed hashes that outlive erasure.
CREATE TABLE suppressions (
    organisation_id BLOB NOT NULL,
    email_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, email_hash)
) STRICT, WITHOUT ROWID;
