-- Actions that wait for their supporter's confirmation, and the mails that ask for it.

ALTER TABLE actions ADD COLUMN confirmed_at INTEGER;
ALTER TABLE actions ADD COLUMN confirmed_by TEXT CHECK (confirmed_by IN ('link', 'code', 'caller', 'waiver'));
-- The answers and objections of an action that is not confirmed: they enter their tables with the confirmation, and no sooner.
ALTER TABLE actions ADD COLUMN unconfirmed_answers TEXT
CHECK (unconfirmed_answers IS NULL OR json_valid(unconfirmed_answers));

CREATE INDEX actions_of_supporter ON actions (supporter_id, campaign_id);
CREATE INDEX actions_awaiting ON actions (created_at, id) WHERE status = 'awaiting_confirmation';

-- One message per supporter, campaign and representative. What is not confirmed, or never was, binds nobody.
DROP INDEX deliveries_first;
CREATE UNIQUE INDEX deliveries_first ON deliveries (campaign_id, supporter_id, representative_id)
WHERE repeat_of IS NULL AND is_test = 0 AND held_for IS DISTINCT FROM 'confirmation';

CREATE TABLE mails (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    supporter_id BLOB NOT NULL,
    action_id BLOB NOT NULL REFERENCES actions (id),
    kind TEXT NOT NULL CHECK (kind IN ('confirmation', 'reminder', 'final_failure')),
    -- A keyed hash of the inbox, by which its mails are limited over all organisations.
    mailbox BLOB NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'queued', 'sending', 'accepted', 'temporary_failure', 'permanent_failure', 'technical_failure', 'uncertain',
            'cancelled'
        )
    ),
    held_for TEXT,
    available_at INTEGER,
    attempts INTEGER NOT NULL,
    lease_token BLOB,
    reply TEXT,
    -- When its last attempt began.
    sent_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mails_due ON mails (available_at, id) WHERE available_at IS NOT NULL;
CREATE INDEX mails_sent ON mails (mailbox, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX mails_of_action ON mails (action_id);
-- However often a person acts: one mail of a kind waits for them in a campaign.
CREATE UNIQUE INDEX mails_waiting ON mails (campaign_id, supporter_id, kind) WHERE available_at IS NOT NULL;
