DROP TRIGGER consent_wordings_no_delete ON consent_wordings;
ALTER TABLE consent_questions DROP CONSTRAINT consent_questions_home;

ALTER TABLE objection_notices RENAME TO objection_notices_before;
ALTER TABLE objections_offered RENAME TO objections_offered_before;

CREATE TABLE objection_notices (
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    wordings JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (campaign_id, activity, version)
);

CREATE TABLE objections_offered (
    campaign_id UUID NOT NULL,
    activity TEXT NOT NULL,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, activity),
    FOREIGN KEY (campaign_id, activity, version) REFERENCES objection_notices (campaign_id, activity, version)
);

-- The numbers of a campaign's own notices and of those of the library that it shows never meet.
INSERT INTO objection_notices (campaign_id, activity, version, wordings, created_at)
SELECT offered.campaign_id, notice.activity, known.version, known.wordings, known.created_at
FROM objections_offered_before AS offered
INNER JOIN objection_notices_before AS notice ON notice.id = offered.notice_id
INNER JOIN objection_wordings AS known ON known.notice_id = notice.id;

INSERT INTO objections_offered (campaign_id, activity, position, version)
SELECT offered.campaign_id, notice.activity, offered.position, notice.version
FROM objections_offered_before AS offered
INNER JOIN objection_notices_before AS notice ON notice.id = offered.notice_id
WHERE offered.position IS NOT NULL;

DROP TABLE objections_offered_before;
DROP TABLE objection_wordings;
DROP TABLE objection_notices_before;

CREATE TRIGGER objection_notices_append_only
BEFORE UPDATE OR TRUNCATE ON objection_notices
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION refuse_delete_after_draft() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    campaign UUID;
BEGIN
    IF TG_TABLE_NAME = 'consent_wordings' THEN
        SELECT campaign_id INTO campaign FROM consent_questions WHERE id = OLD.question_id;
    ELSE
        campaign := OLD.campaign_id;
    END IF;
    IF (SELECT status FROM campaigns WHERE id = campaign) = 'draft' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER objection_notices_no_delete
BEFORE DELETE ON objection_notices
FOR EACH ROW EXECUTE FUNCTION refuse_delete_after_draft();

ALTER TABLE objections DROP COLUMN notice_id;

-- What only the library has goes to the first campaign of its organisation; without one, no form ever asked it.
UPDATE consent_questions
SET key = NULL, campaign_id = (
    SELECT campaigns.id
    FROM campaigns
    WHERE campaigns.organisation_id = consent_questions.organisation_id
    ORDER BY campaigns.created_at
    LIMIT 1
)
WHERE campaign_id IS NULL AND organisation_id IN (SELECT organisation_id FROM campaigns);

DELETE FROM consent_wordings
WHERE basis = 'information_only' OR question_id IN (SELECT id FROM consent_questions WHERE campaign_id IS NULL);
DELETE FROM questions_asked
WHERE question_id NOT IN (SELECT question_id FROM consent_wordings);
DELETE FROM consent_questions
WHERE id NOT IN (SELECT question_id FROM consent_wordings);

ALTER TABLE consent_questions ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
UPDATE consent_questions
SET position = coalesce((
    SELECT max(questions_asked.position) FROM questions_asked WHERE question_id = consent_questions.id
), 0);
UPDATE consent_questions
SET retired_at = now()
WHERE id NOT IN (SELECT question_id FROM questions_asked WHERE position IS NOT NULL);

DROP TABLE questions_asked;
DROP INDEX consent_questions_of_library;

ALTER TABLE consent_questions
ALTER COLUMN campaign_id SET NOT NULL,
ALTER COLUMN position DROP DEFAULT,
DROP COLUMN key,
DROP COLUMN organisation_id;
CREATE INDEX consent_questions_of_campaign ON consent_questions (campaign_id, position);

ALTER TABLE consent_wordings
DROP CONSTRAINT consent_wordings_basis_check,
ADD CONSTRAINT consent_wordings_basis_check CHECK (basis IN ('consent', 'charitable_soft_opt_in'));

CREATE TRIGGER consent_wordings_no_delete
BEFORE DELETE ON consent_wordings
FOR EACH ROW EXECUTE FUNCTION refuse_delete_after_draft();
