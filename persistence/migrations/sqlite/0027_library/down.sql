DROP TRIGGER objection_wordings_no_delete;
DROP TRIGGER objection_wordings_no_update;
DROP TRIGGER consent_wordings_no_delete;

ALTER TABLE objection_notices RENAME TO objection_notices_before;
ALTER TABLE objections_offered RENAME TO objections_offered_before;

CREATE TABLE objection_notices (
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    wordings TEXT NOT NULL CHECK (json_valid(wordings)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, activity, version)
) STRICT;

CREATE TABLE objections_offered (
    campaign_id BLOB NOT NULL,
    activity TEXT NOT NULL,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, activity),
    FOREIGN KEY (campaign_id, activity, version) REFERENCES objection_notices (campaign_id, activity, version)
) STRICT;

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

CREATE TRIGGER objection_notices_no_update BEFORE UPDATE ON objection_notices
BEGIN
    SELECT RAISE(ABORT, 'objection_notices is append-only');
END;

CREATE TRIGGER objection_notices_no_delete BEFORE DELETE ON objection_notices
WHEN (SELECT status FROM campaigns WHERE id = OLD.campaign_id) IS NOT 'draft'
BEGIN
    SELECT RAISE(ABORT, 'objection_notices is append-only');
END;

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
SET retired_at = 0
WHERE id NOT IN (SELECT question_id FROM questions_asked WHERE position IS NOT NULL);

DROP TABLE questions_asked;
DROP INDEX consent_questions_of_library;

PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = 'CREATE TABLE consent_questions (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    version INTEGER NOT NULL,
    retired_at INTEGER,
    organisation_id BLOB,
    key TEXT,
    position INTEGER NOT NULL DEFAULT 0
) STRICT'
WHERE type = 'table' AND name = 'consent_questions';

PRAGMA writable_schema = OFF;

-- Makes the connection read the schema again.
ALTER TABLE objections ADD COLUMN notice_id BLOB;
ALTER TABLE objections DROP COLUMN notice_id;

DROP TRIGGER consent_wordings_no_update;
ALTER TABLE consent_wordings RENAME COLUMN basis TO basis_before;
ALTER TABLE consent_wordings ADD COLUMN basis TEXT NOT NULL DEFAULT 'consent' CHECK (
    basis IN ('consent', 'charitable_soft_opt_in')
);
UPDATE consent_wordings SET basis = basis_before;
ALTER TABLE consent_wordings DROP COLUMN basis_before;
CREATE TRIGGER consent_wordings_no_update BEFORE UPDATE ON consent_wordings
BEGIN
    SELECT RAISE(ABORT, 'consent_wordings is append-only');
END;

ALTER TABLE consent_questions DROP COLUMN key;
ALTER TABLE consent_questions DROP COLUMN organisation_id;

CREATE INDEX consent_questions_of_campaign ON consent_questions (campaign_id, position);

CREATE TRIGGER consent_wordings_no_delete BEFORE DELETE ON consent_wordings
WHEN (
    SELECT campaigns.status
    FROM campaigns
    INNER JOIN consent_questions ON campaigns.id = consent_questions.campaign_id
    WHERE consent_questions.id = OLD.question_id
) IS NOT 'draft'
BEGIN
    SELECT RAISE(ABORT, 'consent_wordings is append-only');
END;
