DROP TRIGGER editions_no_delete;

CREATE TRIGGER editions_no_delete BEFORE DELETE ON editions
BEGIN
    SELECT RAISE(ABORT, 'editions is append-only');
END;

DROP TRIGGER objection_notices_no_delete;

CREATE TRIGGER objection_notices_no_delete BEFORE DELETE ON objection_notices
BEGIN
    SELECT RAISE(ABORT, 'objection_notices is append-only');
END;

DROP TRIGGER consent_wordings_no_delete;

CREATE TRIGGER consent_wordings_no_delete BEFORE DELETE ON consent_wordings
BEGIN
    SELECT RAISE(ABORT, 'consent_wordings is append-only');
END;

DROP TRIGGER campaigns_no_draft_again;

ALTER TABLE templates DROP COLUMN retired_at;

ALTER TABLE organisations DROP COLUMN status;
