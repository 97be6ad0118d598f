-- Mails to supporters may now be about a person instead of an action: the link to their preferences, and what was changed in them.
ALTER TABLE mails
ALTER COLUMN campaign_id DROP NOT NULL,
ALTER COLUMN action_id DROP NOT NULL,
-- What was changed, and the language of a mail that is about the person.
ADD COLUMN change_id UUID REFERENCES preference_changes (id),
ADD COLUMN locale TEXT CHECK (locale IN ('en', 'cy', 'gd')),
DROP CONSTRAINT mails_kind_check,
ADD CONSTRAINT mails_kind_check CHECK (
    kind IN ('confirmation', 'reminder', 'final_failure', 'receipt', 'preferences_link', 'preferences_changed')
),
ADD CONSTRAINT mails_about_action CHECK ((campaign_id IS NULL) = (action_id IS NULL)),
ADD CONSTRAINT mails_about_person CHECK (
    (action_id IS NULL) = (kind = 'preferences_link' OR kind = 'preferences_changed')
),
ADD CONSTRAINT mails_about_change CHECK ((change_id IS NULL) = (kind <> 'preferences_changed')),
ADD CONSTRAINT mails_language CHECK ((action_id IS NULL) = (locale IS NOT NULL));

DROP INDEX mails_of_action;
CREATE INDEX mails_of_action ON mails (action_id) WHERE action_id IS NOT NULL;
CREATE INDEX mails_of_person ON mails (supporter_id) WHERE action_id IS NULL;
-- However often a link is asked for: one mail with it waits.
CREATE UNIQUE INDEX mails_links_waiting ON mails (supporter_id)
WHERE kind = 'preferences_link' AND available_at IS NOT NULL;

ALTER TABLE bounces
-- Nothing for a mail that is about the person.
ALTER COLUMN campaign_id DROP NOT NULL,
ADD CONSTRAINT bounces_letter_of_campaign CHECK (delivery_id IS NULL OR campaign_id IS NOT NULL);

-- Requests for the link to a person's preferences. Whether the person is known is found out later, so that a request takes as long
-- for anybody; until then the address is sealed.
CREATE TABLE link_requests (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL,
    sealed_address BYTEA NOT NULL,
    locale TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
