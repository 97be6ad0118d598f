-- An archived organisation keeps everything and starts nothing: its campaigns cannot go live.
ALTER TABLE organisations
ADD COLUMN status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived'));

-- The newest version of a template that the campaign no longer uses. Its text stays.
ALTER TABLE templates
ADD COLUMN retired_at TIMESTAMPTZ;

-- Nobody has seen a draft, so what belongs to it may be deleted with it. A campaign never becomes a draft again.
CREATE FUNCTION refuse_draft_again() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a campaign never becomes a draft again' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER campaigns_no_draft_again
BEFORE UPDATE OF status ON campaigns
FOR EACH ROW WHEN (OLD.status <> 'draft' AND NEW.status = 'draft')
EXECUTE FUNCTION refuse_draft_again();

CREATE FUNCTION refuse_delete_after_draft() RETURNS TRIGGER LANGUAGE plpgsql AS $$
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

DROP TRIGGER consent_wordings_append_only ON consent_wordings;

CREATE TRIGGER consent_wordings_append_only
BEFORE UPDATE OR TRUNCATE ON consent_wordings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER consent_wordings_no_delete
BEFORE DELETE ON consent_wordings
FOR EACH ROW EXECUTE FUNCTION refuse_delete_after_draft();

DROP TRIGGER objection_notices_append_only ON objection_notices;

CREATE TRIGGER objection_notices_append_only
BEFORE UPDATE OR TRUNCATE ON objection_notices
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER objection_notices_no_delete
BEFORE DELETE ON objection_notices
FOR EACH ROW EXECUTE FUNCTION refuse_delete_after_draft();

DROP TRIGGER editions_append_only ON editions;

CREATE TRIGGER editions_append_only
BEFORE UPDATE OR TRUNCATE ON editions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER editions_no_delete
BEFORE DELETE ON editions
FOR EACH ROW EXECUTE FUNCTION refuse_delete_after_draft();
