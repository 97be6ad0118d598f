-- The organisations and what they publish. Everything here is small and is read into memory as a whole.

CREATE TABLE revisions (
    name TEXT PRIMARY KEY,
    revision BIGINT NOT NULL
);

INSERT INTO revisions (name, revision)
VALUES ('campaigns', 0), ('directory', 0);

CREATE TABLE organisations (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    content JSONB NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX organisations_page ON organisations (created_at, id);

CREATE TABLE campaigns (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    slug TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('draft', 'live', 'paused', 'closed', 'archived')),
    content JSONB NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX campaigns_page ON campaigns (organisation_id, created_at, id);

CREATE TABLE asks (
    id UUID PRIMARY KEY,
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    addressed_to TEXT NOT NULL CHECK (addressed_to IN ('representative', 'body', 'government')),
    status TEXT NOT NULL CHECK (status IN ('open', 'met', 'partly_met', 'refused'))
);

CREATE INDEX asks_of_campaign ON asks (campaign_id, position);

-- Versions of templates are never changed: a new text is a new row.
CREATE TABLE templates (
    id UUID PRIMARY KEY,
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    -- 'any' is the template for offices that have none of their own.
    office TEXT NOT NULL CHECK (office IN ('any', 'mp', 'msp_constituency', 'msp_region', 'ms', 'mla')),
    locale TEXT NOT NULL,
    version INTEGER NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (campaign_id, office, locale, version)
);

-- An edition is all that a campaign's letters are made of, except the people. Deliveries point at it, so it is never changed.
CREATE TABLE editions (
    id UUID PRIMARY KEY,
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    number INTEGER NOT NULL,
    content JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (campaign_id, number)
);

CREATE TABLE consent_questions (
    id UUID PRIMARY KEY,
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    retired_at TIMESTAMPTZ
);

CREATE INDEX consent_questions_of_campaign ON consent_questions (campaign_id, position);

-- What people were told, word for word: the evidence behind every answer.
CREATE TABLE consent_wordings (
    question_id UUID NOT NULL REFERENCES consent_questions (id),
    version INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    channels JSONB NOT NULL,
    wordings JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (question_id, version)
);

CREATE TABLE objection_notices (
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    wordings JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (campaign_id, activity, version)
);

-- Which notices a campaign shows now, in which order.
CREATE TABLE objections_offered (
    campaign_id UUID NOT NULL,
    activity TEXT NOT NULL,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, activity),
    FOREIGN KEY (campaign_id, activity, version) REFERENCES objection_notices (campaign_id, activity, version)
);

CREATE FUNCTION refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER consent_wordings_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_wordings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER objection_notices_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON objection_notices
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER editions_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON editions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
