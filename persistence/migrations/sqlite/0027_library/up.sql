-- Questions and notices are the organisation's: kept in its library, or worded for one campaign. Campaigns say which of them they show.

DROP INDEX consent_questions_of_campaign;

CREATE TABLE questions_asked (
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    question_id BLOB NOT NULL REFERENCES consent_questions (id),
    -- Nothing where the campaign asks it no more.
    position INTEGER,
    PRIMARY KEY (campaign_id, question_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX questions_asked_of_question ON questions_asked (question_id);

INSERT INTO questions_asked (campaign_id, question_id, position)
SELECT campaign_id, id, CASE WHEN retired_at IS NULL THEN position END
FROM consent_questions;

-- A question of the library has a key, and no campaign.
ALTER TABLE consent_questions ADD COLUMN organisation_id BLOB REFERENCES organisations (id);
ALTER TABLE consent_questions ADD COLUMN key TEXT;
UPDATE consent_questions
SET retired_at = NULL, organisation_id = (SELECT organisation_id FROM campaigns WHERE campaigns.id = campaign_id);
ALTER TABLE consent_questions DROP COLUMN position;

-- Answers lead to this table, so that it cannot be built again: its constraints are written over, as the manual of SQLite describes it for
-- changes that touch no row. The statements after it read the schema again.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = 'CREATE TABLE consent_questions (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB REFERENCES campaigns (id),
    version INTEGER NOT NULL,
    retired_at INTEGER,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    key TEXT,
    CHECK ((campaign_id IS NULL) = (key IS NOT NULL))
) STRICT'
WHERE type = 'table' AND name = 'consent_questions';

PRAGMA writable_schema = OFF;

-- A question may inform alone. A column's check cannot be changed, so the column is replaced.
DROP TRIGGER consent_wordings_no_update;
ALTER TABLE consent_wordings RENAME COLUMN basis TO basis_before;
ALTER TABLE consent_wordings ADD COLUMN basis TEXT NOT NULL DEFAULT 'consent' CHECK (
    basis IN ('consent', 'charitable_soft_opt_in', 'information_only')
);
UPDATE consent_wordings SET basis = basis_before;
ALTER TABLE consent_wordings DROP COLUMN basis_before;
CREATE TRIGGER consent_wordings_no_update BEFORE UPDATE ON consent_wordings
BEGIN
    SELECT RAISE(ABORT, 'consent_wordings is append-only');
END;

-- The words that were shown beside an objection.
ALTER TABLE objections ADD COLUMN notice_id BLOB;

CREATE UNIQUE INDEX consent_questions_of_library ON consent_questions (organisation_id, key) WHERE key IS NOT NULL;

ALTER TABLE objection_notices RENAME TO objection_notices_before;
ALTER TABLE objections_offered RENAME TO objections_offered_before;

CREATE TABLE objection_notices (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    -- Nothing for a notice of the library.
    campaign_id BLOB REFERENCES campaigns (id),
    activity TEXT NOT NULL,
    version INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

CREATE UNIQUE INDEX objection_notices_of_library ON objection_notices (organisation_id, activity)
WHERE campaign_id IS NULL;
CREATE UNIQUE INDEX objection_notices_of_campaign ON objection_notices (campaign_id, activity)
WHERE campaign_id IS NOT NULL;

CREATE TABLE objection_wordings (
    notice_id BLOB NOT NULL REFERENCES objection_notices (id),
    version INTEGER NOT NULL,
    wordings TEXT NOT NULL CHECK (json_valid(wordings)),
    long_wordings TEXT CHECK (long_wordings IS NULL OR json_valid(long_wordings)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (notice_id, version)
) STRICT;

CREATE TABLE objections_offered (
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    notice_id BLOB NOT NULL REFERENCES objection_notices (id),
    -- Nothing where the campaign shows it no more.
    position INTEGER,
    PRIMARY KEY (campaign_id, notice_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX objections_offered_of_notice ON objections_offered (notice_id);

INSERT INTO objection_notices (id, organisation_id, campaign_id, activity, version)
SELECT randomblob(16), campaigns.organisation_id, known.campaign_id, known.activity, known.version
FROM (
    SELECT campaign_id, activity, max(version) AS version
    FROM objection_notices_before
    GROUP BY campaign_id, activity
) AS known
INNER JOIN campaigns ON campaigns.id = known.campaign_id;

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

CREATE TRIGGER objection_wordings_no_update BEFORE UPDATE ON objection_wordings
BEGIN
    SELECT RAISE(ABORT, 'objection_wordings is append-only');
END;

-- Nobody has seen a draft, so what belongs to it may be deleted with it.
CREATE TRIGGER objection_wordings_no_delete BEFORE DELETE ON objection_wordings
WHEN (
    SELECT campaigns.status
    FROM campaigns
    INNER JOIN objection_notices ON campaigns.id = objection_notices.campaign_id
    WHERE objection_notices.id = OLD.notice_id
) IS NOT 'draft'
BEGIN
    SELECT RAISE(ABORT, 'objection_wordings is append-only');
END;
