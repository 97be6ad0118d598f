DROP TRIGGER editions_no_delete ON editions;

DROP TRIGGER editions_append_only ON editions;

CREATE TRIGGER editions_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON editions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DROP TRIGGER objection_notices_no_delete ON objection_notices;

DROP TRIGGER objection_notices_append_only ON objection_notices;

CREATE TRIGGER objection_notices_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON objection_notices
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DROP TRIGGER consent_wordings_no_delete ON consent_wordings;

DROP TRIGGER consent_wordings_append_only ON consent_wordings;

CREATE TRIGGER consent_wordings_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_wordings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DROP FUNCTION refuse_delete_after_draft();

DROP TRIGGER campaigns_no_draft_again ON campaigns;

DROP FUNCTION refuse_draft_again();

ALTER TABLE templates DROP COLUMN retired_at;

ALTER TABLE organisations DROP COLUMN status;
