-- Questions and notices are the organisation's: kept in its library, or worded for one campaign. Campaigns say which of them they show.

DROP INDEX consent_questions_of_campaign;

CREATE TABLE questions_asked (
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    question_id UUID NOT NULL REFERENCES consent_questions (id),
    -- Nothing where the campaign asks it no more.
    position INTEGER,
    PRIMARY KEY (campaign_id, question_id)
);

CREATE INDEX questions_asked_of_question ON questions_asked (question_id);

INSERT INTO questions_asked (campaign_id, question_id, position)
SELECT campaign_id, id, CASE WHEN retired_at IS NULL THEN position END
FROM consent_questions;

-- A question of the library has a key, and no campaign.
ALTER TABLE consent_questions
ADD COLUMN organisation_id UUID REFERENCES organisations (id),
ADD COLUMN key TEXT,
DROP COLUMN position,
ALTER COLUMN campaign_id DROP NOT NULL;

UPDATE consent_questions
SET retired_at = NULL, organisation_id = campaigns.organisation_id
FROM campaigns
WHERE campaigns.id = consent_questions.campaign_id;

ALTER TABLE consent_questions
ALTER COLUMN organisation_id SET NOT NULL,
ADD CONSTRAINT consent_questions_home CHECK ((campaign_id IS NULL) = (key IS NOT NULL));

CREATE UNIQUE INDEX consent_questions_of_library ON consent_questions (organisation_id, key) WHERE key IS NOT NULL;

-- A question may inform alone.
ALTER TABLE consent_wordings
DROP CONSTRAINT consent_wordings_basis_check,
ADD CONSTRAINT consent_wordings_basis_check CHECK (basis IN ('consent', 'charitable_soft_opt_in', 'information_only'));

-- The words that were shown beside an objection.
ALTER TABLE objections ADD COLUMN notice_id UUID;

ALTER TABLE objection_notices RENAME TO objection_notices_before;
ALTER TABLE objections_offered RENAME TO objections_offered_before;

CREATE TABLE objection_notices (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    -- Nothing for a notice of the library.
    campaign_id UUID REFERENCES campaigns (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    retired_at TIMESTAMPTZ
);

CREATE UNIQUE INDEX objection_notices_of_library ON objection_notices (organisation_id, activity)
WHERE campaign_id IS NULL;
CREATE UNIQUE INDEX objection_notices_of_campaign ON objection_notices (campaign_id, activity)
WHERE campaign_id IS NOT NULL;

CREATE TABLE objection_wordings (
    notice_id UUID NOT NULL REFERENCES objection_notices (id),
    version INTEGER NOT NULL,
    wordings JSONB NOT NULL,
    long_wordings JSONB,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (notice_id, version)
);

CREATE TABLE objections_offered (
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    notice_id UUID NOT NULL REFERENCES objection_notices (id),
    -- Nothing where the campaign shows it no more.
    position INTEGER,
    PRIMARY KEY (campaign_id, notice_id)
);

CREATE INDEX objections_offered_of_notice ON objections_offered (notice_id);

INSERT INTO objection_notices (id, organisation_id, campaign_id, activity, version)
SELECT gen_random_uuid(), campaigns.organisation_id, known.campaign_id, known.activity, max(known.version)
FROM objection_notices_before AS known
INNER JOIN campaigns ON campaigns.id = known.campaign_id
GROUP BY campaigns.organisation_id, known.campaign_id, known.activity;

INSERT INTO objection_wordings (notice_id, version, wordings, created_at)
SELECT notice.id, known.version, known.wordings, known.created_at
FROM objection_notices_before AS known
INNER JOIN objection_notices AS notice ON notice.campaign_id = known.campaign_id AND notice.activity = known.activity;

INSERT INTO objections_offered (campaign_id, notice_id, position)
SELECT notice.campaign_id, notice.id, known.position
FROM objection_notices AS notice
LEFT JOIN objections_offered_before AS known
    ON known.campaign_id = notice.campaign_id AND known.activity = notice.activity;

DROP TABLE objections_offered_before;
DROP TABLE objection_notices_before;

CREATE TRIGGER objection_wordings_append_only
BEFORE UPDATE OR TRUNCATE ON objection_wordings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Nobody has seen a draft, so what belongs to it may be deleted with it.
CREATE OR REPLACE FUNCTION refuse_delete_after_draft() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    campaign UUID;
BEGIN
    IF TG_TABLE_NAME = 'consent_wordings' THEN
        SELECT campaign_id INTO campaign FROM consent_questions WHERE id = OLD.question_id;
    ELSIF TG_TABLE_NAME = 'objection_wordings' THEN
        SELECT campaign_id INTO campaign FROM objection_notices WHERE id = OLD.notice_id;
    ELSE
        campaign := OLD.campaign_id;
    END IF;
    IF (SELECT status FROM campaigns WHERE id = campaign) = 'draft' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER objection_wordings_no_delete
BEFORE DELETE ON objection_wordings
FOR EACH ROW EXECUTE FUNCTION refuse_delete_after_draft();
