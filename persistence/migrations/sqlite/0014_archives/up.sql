-- An archived organisation keeps everything and starts nothing: its campaigns cannot go live.
ALTER TABLE organisations
ADD COLUMN status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived'));

-- The newest version of a template that the campaign no longer uses. Its text stays.
ALTER TABLE templates
ADD COLUMN retired_at INTEGER;

-- Nobody has seen a draft, so what belongs to it may be deleted with it. A campaign never becomes a draft again.
CREATE TRIGGER campaigns_no_draft_again BEFORE UPDATE OF status ON campaigns
WHEN OLD.status <> 'draft' AND NEW.status = 'draft'
BEGIN
    SELECT RAISE(ABORT, 'a campaign never becomes a draft again');
END;

DROP TRIGGER consent_wordings_no_delete;

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

DROP TRIGGER objection_notices_no_delete;

CREATE TRIGGER objection_notices_no_delete BEFORE DELETE ON objection_notices
WHEN (SELECT status FROM campaigns WHERE id = OLD.campaign_id) IS NOT 'draft'
BEGIN
    SELECT RAISE(ABORT, 'objection_notices is append-only');
END;

DROP TRIGGER editions_no_delete;

CREATE TRIGGER editions_no_delete BEFORE DELETE ON editions
WHEN (SELECT status FROM campaigns WHERE id = OLD.campaign_id) IS NOT 'draft'
BEGIN
    SELECT RAISE(ABORT, 'editions is append-only');
END;
