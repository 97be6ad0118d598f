-- Stops hold back submissions too, and say so to the public.
ALTER TABLE stops
ADD COLUMN domain TEXT UNIQUE,
ADD COLUMN work TEXT NOT NULL DEFAULT 'sending' CHECK (work IN ('sending', 'submissions', 'both')),
ADD COLUMN notice JSONB,
-- The organisation whose token made it; nothing for the operator's, which nobody else lifts.
ADD COLUMN made_by UUID REFERENCES organisations (id),
DROP CONSTRAINT stops_scope_check,
ADD CONSTRAINT stops_scope_check CHECK (
    scope IN ('everything', 'organisation', 'campaign', 'representative', 'domain')
);
ALTER TABLE stops ALTER COLUMN work DROP DEFAULT;
UPDATE stops SET made_by = subject_id WHERE scope = 'organisation';

INSERT INTO revisions (name, revision) VALUES ('stops', 0);

-- The audit says which work was stopped.
ALTER TABLE audit_entries
DROP CONSTRAINT audit_entries_action_check,
ADD CONSTRAINT audit_entries_action_check CHECK (
    action IN (
        'stop_sending', 'resume_sending', 'stop_submissions', 'resume_submissions', 'retry_message', 'release_message',
        'cancel_message', 'read_message', 'change_preferences', 'read_supporter_data', 'erase_supporter', 'record_request',
        'step_request', 'correct_supporter', 'decide_review', 'step_invalidation'
    )
);
