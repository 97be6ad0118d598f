-- Ids are 16 bytes, times are microseconds since 1970 in UTC, documents are JSON text.
-- The organisations and what they publish. Everything here is small and is read into memory as a whole.

CREATE TABLE revisions (
    name TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO revisions (name, revision)
VALUES ('campaigns', 0), ('directory', 0);

CREATE TABLE organisations (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL CHECK (json_valid(content)),
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX organisations_page ON organisations (created_at, id);

CREATE TABLE campaigns (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    slug TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('draft', 'live', 'paused', 'closed', 'archived')),
    content TEXT NOT NULL CHECK (json_valid(content)),
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX campaigns_page ON campaigns (organisation_id, created_at, id);

CREATE TABLE asks (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    addressed_to TEXT NOT NULL CHECK (addressed_to IN ('representative', 'body', 'government')),
    status TEXT NOT NULL CHECK (status IN ('open', 'met', 'partly_met', 'refused'))
) STRICT;

CREATE INDEX asks_of_campaign ON asks (campaign_id, position);

-- Versions of templates are never changed: a new text is a new row.
CREATE TABLE templates (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    -- 'any' is the template for offices that have none of their own.
    office TEXT NOT NULL CHECK (office IN ('any', 'mp', 'msp_constituency', 'msp_region', 'ms', 'mla')),
    locale TEXT NOT NULL,
    version INTEGER NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (campaign_id, office, locale, version)
) STRICT;

-- An edition is all that a campaign's letters are made of, except the people. Deliveries point at it, so it is never changed.
CREATE TABLE editions (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    number INTEGER NOT NULL,
    content TEXT NOT NULL CHECK (json_valid(content)),
    created_at INTEGER NOT NULL,
    UNIQUE (campaign_id, number)
) STRICT;

CREATE TABLE consent_questions (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

CREATE INDEX consent_questions_of_campaign ON consent_questions (campaign_id, position);

-- What people were told, word for word: the evidence behind every answer.
CREATE TABLE consent_wordings (
    question_id BLOB NOT NULL REFERENCES consent_questions (id),
    version INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    channels TEXT NOT NULL CHECK (json_valid(channels)),
    wordings TEXT NOT NULL CHECK (json_valid(wordings)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (question_id, version)
) STRICT;

CREATE TABLE objection_notices (
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    wordings TEXT NOT NULL CHECK (json_valid(wordings)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, activity, version)
) STRICT;

-- Which notices a campaign shows now, in which order.
CREATE TABLE objections_offered (
    campaign_id BLOB NOT NULL,
    activity TEXT NOT NULL,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, activity),
    FOREIGN KEY (campaign_id, activity, version) REFERENCES objection_notices (campaign_id, activity, version)
) STRICT;

CREATE TRIGGER consent_wordings_no_update BEFORE UPDATE ON consent_wordings
BEGIN
    SELECT RAISE(ABORT, 'consent_wordings is append-only');
END;

CREATE TRIGGER consent_wordings_no_delete BEFORE DELETE ON consent_wordings
BEGIN
    SELECT RAISE(ABORT, 'consent_wordings is append-only');
END;

CREATE TRIGGER objection_notices_no_update BEFORE UPDATE ON objection_notices
BEGIN
    SELECT RAISE(ABORT, 'objection_notices is append-only');
END;

CREATE TRIGGER objection_notices_no_delete BEFORE DELETE ON objection_notices
BEGIN
    SELECT RAISE(ABORT, 'objection_notices is append-only');
END;

CREATE TRIGGER editions_no_update BEFORE UPDATE ON editions
BEGIN
    SELECT RAISE(ABORT, 'editions is append-only');
END;

CREATE TRIGGER editions_no_delete BEFORE DELETE ON editions
BEGIN
    SELECT RAISE(ABORT, 'editions is append-only');
END;
