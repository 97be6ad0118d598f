-- Mails to supporters may now be about a person instead of an action: the link to their preferences, and what was changed in them.
-- A column's NOT NULL cannot be changed, so the tables are made again.
DROP INDEX mails_due;
DROP INDEX mails_sent;
DROP INDEX mails_of_action;
DROP INDEX mails_waiting;
DROP INDEX bounces_read;
DROP INDEX bounces_of_organisation;
DROP INDEX bounces_of_delivery;
DROP INDEX bounces_of_mail;
ALTER TABLE bounces RENAME TO bounces_before;
ALTER TABLE mails RENAME TO mails_before;

CREATE TABLE mails (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    -- Nothing for what is about the person.
    campaign_id BLOB,
    supporter_id BLOB NOT NULL,
    action_id BLOB REFERENCES actions (id),
    kind TEXT NOT NULL CHECK (
        kind IN ('confirmation', 'reminder', 'final_failure', 'receipt', 'preferences_link', 'preferences_changed')
    ),
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
    updated_at INTEGER NOT NULL,
    -- What was changed, and the language of a mail that is about the person.
    change_id BLOB REFERENCES preference_changes (id),
    locale TEXT CHECK (locale IN ('en', 'cy', 'gd')),
    CHECK ((campaign_id IS NULL) = (action_id IS NULL)),
    CHECK ((action_id IS NULL) = (kind = 'preferences_link' OR kind = 'preferences_changed')),
    CHECK ((change_id IS NULL) = (kind <> 'preferences_changed')),
    CHECK ((action_id IS NULL) = (locale IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO mails (
    id, organisation_id, campaign_id, supporter_id, action_id, kind, mailbox, state, held_for, available_at, attempts,
    lease_token, reply, sent_at, created_at, updated_at
)
SELECT
    id, organisation_id, campaign_id, supporter_id, action_id, kind, mailbox, state, held_for, available_at, attempts,
    lease_token, reply, sent_at, created_at, updated_at
FROM mails_before;

CREATE TABLE bounces (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    -- Nothing for a mail that is about the person.
    campaign_id BLOB,
    -- The letter or the mail that it is about.
    delivery_id BLOB REFERENCES deliveries (id),
    mail_id BLOB REFERENCES mails (id),
    -- The recipient of the letter.
    representative_id BLOB,
    kind TEXT NOT NULL CHECK (kind IN ('failed', 'delayed')),
    cause TEXT NOT NULL CHECK (cause IN ('address', 'mailbox', 'message', 'sender', 'route', 'unclear')),
    lasts INTEGER NOT NULL CHECK (lasts IN (0, 1)),
    reply TEXT NOT NULL,
    -- A hash of a report's bytes: one that is read twice counts once.
    fingerprint BLOB,
    created_at INTEGER NOT NULL,
    CHECK ((delivery_id IS NULL) <> (mail_id IS NULL)),
    CHECK ((delivery_id IS NULL) = (representative_id IS NULL)),
    CHECK (delivery_id IS NULL OR campaign_id IS NOT NULL)
) STRICT, WITHOUT ROWID;
INSERT INTO bounces (
    id, organisation_id, campaign_id, delivery_id, mail_id, representative_id, kind, cause, lasts, reply, fingerprint,
    created_at
)
SELECT
    id, organisation_id, campaign_id, delivery_id, mail_id, representative_id, kind, cause, lasts, reply, fingerprint,
    created_at
FROM bounces_before;

DROP TABLE bounces_before;
DROP TABLE mails_before;

CREATE INDEX mails_due ON mails (available_at, id) WHERE available_at IS NOT NULL;
CREATE INDEX mails_sent ON mails (mailbox, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX mails_of_action ON mails (action_id) WHERE action_id IS NOT NULL;
-- However often a person acts: one mail of a kind waits for them in a campaign.
CREATE UNIQUE INDEX mails_waiting ON mails (campaign_id, supporter_id, kind) WHERE available_at IS NOT NULL;
CREATE INDEX mails_of_person ON mails (supporter_id) WHERE action_id IS NULL;
-- However often a link is asked for: one mail with it waits.
CREATE UNIQUE INDEX mails_links_waiting ON mails (supporter_id)
WHERE kind = 'preferences_link' AND available_at IS NOT NULL;
CREATE UNIQUE INDEX bounces_read ON bounces (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX bounces_of_organisation ON bounces (organisation_id, created_at, id);
CREATE INDEX bounces_of_delivery ON bounces (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX bounces_of_mail ON bounces (mail_id) WHERE mail_id IS NOT NULL;

-- Requests for the link to a person's preferences. Whether the person is known is found out later, so that a request takes as long
-- for anybody; until then the address is sealed.
CREATE TABLE link_requests (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    sealed_address BLOB NOT NULL,
    locale TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
