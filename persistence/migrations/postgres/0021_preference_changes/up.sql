-- People change their minds outside a form too: through a link, or by telephone and letter, recorded by a member of staff.

CREATE TABLE preference_changes (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL,
    supporter_id UUID NOT NULL REFERENCES supporters (id),
    means TEXT NOT NULL CHECK (means IN ('form', 'link', 'telephone', 'post', 'email', 'in_person')),
    -- The subject of the token that it was recorded with; nothing for what people changed themselves.
    recorded_by TEXT,
    -- Why, in the words of staff. The only column that may go later, with the person.
    note TEXT,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX preference_changes_of_supporter ON preference_changes (organisation_id, supporter_id, created_at);

CREATE TRIGGER preference_changes_no_update
BEFORE UPDATE ON preference_changes
FOR EACH ROW WHEN (
    NEW.note IS NOT NULL
    OR (NEW.id, NEW.organisation_id, NEW.supporter_id, NEW.means, NEW.recorded_by, NEW.created_at)
    IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.supporter_id, OLD.means, OLD.recorded_by, OLD.created_at)
) EXECUTE FUNCTION refuse_change();

CREATE TRIGGER preference_changes_no_delete
BEFORE DELETE OR TRUNCATE ON preference_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The lawful basis that a question names.
ALTER TABLE consent_wordings
ADD COLUMN basis TEXT NOT NULL DEFAULT 'consent' CHECK (basis IN ('consent', 'charitable_soft_opt_in'));

-- The evidence of an answer is the action that it was given with, or the change that it is part of. To say no, nobody has to be asked.
ALTER TABLE consents
ALTER COLUMN campaign_id DROP NOT NULL,
ALTER COLUMN action_id DROP NOT NULL,
ALTER COLUMN question_id DROP NOT NULL,
ALTER COLUMN version DROP NOT NULL,
ALTER COLUMN locale DROP NOT NULL,
ADD COLUMN change_id UUID REFERENCES preference_changes (id),
DROP CONSTRAINT consents_answer_check,
ADD CONSTRAINT consents_answer_check CHECK (answer IN ('yes', 'no', 'not_refused')),
ADD CONSTRAINT consents_evidence CHECK ((action_id IS NULL) <> (change_id IS NULL)),
ADD CONSTRAINT consents_question CHECK (answer = 'no' OR question_id IS NOT NULL),
ADD CONSTRAINT consents_question_version CHECK ((question_id IS NULL) = (version IS NULL)),
ADD CONSTRAINT consents_wording FOREIGN KEY (question_id, version) REFERENCES consent_wordings (question_id, version);

-- The ledger of objections, and of those that were taken back: rows are added and never changed.
ALTER TABLE objections
DROP CONSTRAINT objections_pkey,
ADD COLUMN id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
ADD COLUMN change_id UUID REFERENCES preference_changes (id),
ADD COLUMN stance TEXT NOT NULL DEFAULT 'objects' CHECK (stance IN ('objects', 'allows')),
ALTER COLUMN action_id DROP NOT NULL,
ALTER COLUMN campaign_id DROP NOT NULL,
ALTER COLUMN version DROP NOT NULL,
ALTER COLUMN locale DROP NOT NULL,
ADD CONSTRAINT objections_evidence CHECK ((action_id IS NULL) <> (change_id IS NULL));

ALTER TABLE objections ALTER COLUMN id DROP DEFAULT, ALTER COLUMN stance DROP DEFAULT;

DROP INDEX objections_of_supporter;
CREATE INDEX objections_of_supporter ON objections (organisation_id, supporter_id, created_at);
CREATE UNIQUE INDEX objections_of_action ON objections (action_id, activity) WHERE action_id IS NOT NULL;

CREATE TRIGGER objections_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON objections
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Administrators may now change what people wish.
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'retry_message', 'release_message', 'cancel_message', 'read_message',
        'change_preferences'
    )
);
