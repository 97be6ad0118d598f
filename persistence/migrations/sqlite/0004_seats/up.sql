-- Seats as they are: more offices, dissolutions, addresses from which mail came back, and why a message is held.

CREATE TABLE dissolutions (
    legislature TEXT NOT NULL CHECK (
        legislature IN ('house_of_commons', 'house_of_lords', 'scottish_parliament', 'senedd', 'northern_ireland_assembly')
    ),
    dissolved_on TEXT NOT NULL,
    election_on TEXT,
    announced_at INTEGER NOT NULL,
    PRIMARY KEY (legislature, dissolved_on)
) STRICT, WITHOUT ROWID;

-- SQLite cannot change a check: the tables are made anew.

ALTER TABLE representatives RENAME TO representatives_before;
DROP INDEX representatives_by_external_id;

CREATE TABLE representatives (
    id BLOB NOT NULL PRIMARY KEY,
    external_id TEXT NOT NULL,
    office TEXT NOT NULL CHECK (
        office IN ('mp', 'msp_constituency', 'msp_region', 'ms', 'ms_region', 'mla', 'councillor', 'mayor', 'peer')
    ),
    area_code TEXT NOT NULL,
    name TEXT NOT NULL,
    salutation TEXT,
    party TEXT,
    email TEXT,
    route TEXT NOT NULL CHECK (route IN ('email', 'via_office', 'refuses', 'no_address')),
    language TEXT,
    source TEXT,
    verified_on TEXT,
    bounced_on TEXT,
    start_date TEXT,
    end_date TEXT
) STRICT;

INSERT INTO representatives (
    id, external_id, office, area_code, name, salutation, party, email, route, language, source, verified_on, start_date,
    end_date
)
SELECT
    id, external_id, office, area_code, name, salutation, party, email, route, language, source, verified_on, start_date,
    end_date
FROM representatives_before;

DROP TABLE representatives_before;
CREATE INDEX representatives_by_external_id ON representatives (external_id);

ALTER TABLE templates RENAME TO templates_before;

CREATE TABLE templates (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    -- 'any' is the template for offices that have none of their own.
    office TEXT NOT NULL CHECK (office IN ('any', 'mp', 'msp_constituency', 'msp_region', 'ms', 'ms_region', 'mla')),
    locale TEXT NOT NULL,
    version INTEGER NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (campaign_id, office, locale, version)
) STRICT;

INSERT INTO templates (id, campaign_id, office, locale, version, subject, body, created_at)
SELECT id, campaign_id, office, locale, version, subject, body, created_at FROM templates_before;

DROP TABLE templates_before;

-- The attempts follow the table that they refer to, so they are made anew too.
ALTER TABLE deliveries RENAME TO deliveries_before;
ALTER TABLE delivery_attempts RENAME TO delivery_attempts_before;
DROP INDEX deliveries_of_action;
DROP INDEX deliveries_of_organisation;
DROP INDEX deliveries_repeating;
DROP INDEX deliveries_due;
DROP INDEX deliveries_first;

CREATE TABLE deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    supporter_id BLOB NOT NULL,
    action_id BLOB NOT NULL REFERENCES actions (id),
    representative_id BLOB NOT NULL,
    office TEXT NOT NULL CHECK (office IN ('mp', 'msp_constituency', 'msp_region', 'ms', 'ms_region', 'mla')),
    area_code TEXT NOT NULL,
    edition_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'held', 'queued', 'sending', 'accepted', 'assumed_delivered', 'temporary_failure', 'permanent_failure',
            'technical_failure', 'uncertain', 'cancelled'
        )
    ),
    -- What a held message waits for.
    held_for TEXT CHECK (held_for IN ('confirmation', 'vacancy', 'moved', 'refusal', 'no_address')),
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

INSERT INTO deliveries (
    id, organisation_id, campaign_id, supporter_id, action_id, representative_id, office, area_code, edition_id, state,
    held_for, is_test, repeat_of, available_at, attempts, lease_token, reply, created_at, updated_at
)
SELECT
    id, organisation_id, campaign_id, supporter_id, action_id, representative_id, office, area_code, edition_id, state,
    CASE WHEN state <> 'held' THEN NULL WHEN reply IS NULL THEN 'confirmation' ELSE 'vacancy' END,
    is_test, repeat_of, available_at, attempts, lease_token, reply, created_at, updated_at
FROM deliveries_before;

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

INSERT INTO delivery_attempts (delivery_id, number, campaign_id, started_at, ended_at, outcome, reply)
SELECT delivery_id, number, campaign_id, started_at, ended_at, outcome, reply FROM delivery_attempts_before;

DROP TABLE delivery_attempts_before;
DROP TABLE deliveries_before;

CREATE INDEX deliveries_of_action ON deliveries (action_id);
CREATE INDEX deliveries_of_organisation ON deliveries (organisation_id, created_at, id);
CREATE INDEX deliveries_repeating ON deliveries (repeat_of) WHERE repeat_of IS NOT NULL;
-- The queue: a claim reads its head and nothing else, however long it is.
CREATE INDEX deliveries_due ON deliveries (available_at, id) WHERE available_at IS NOT NULL;
-- One message per supporter, campaign and representative.
CREATE UNIQUE INDEX deliveries_first ON deliveries (campaign_id, supporter_id, representative_id)
WHERE repeat_of IS NULL AND is_test = 0;
-- What is looked at again whenever the directory changes.
CREATE INDEX deliveries_held ON deliveries (id) WHERE state = 'held' AND available_at IS NULL;
