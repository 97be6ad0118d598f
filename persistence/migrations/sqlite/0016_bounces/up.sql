-- What a held message waits for may now be an address to which letters came back. A column's check cannot be changed, so the
-- column is replaced.
DROP INDEX deliveries_first;
ALTER TABLE deliveries RENAME COLUMN held_for TO held_before;
ALTER TABLE deliveries ADD COLUMN held_for TEXT
CHECK (held_for IN ('confirmation', 'vacancy', 'moved', 'refusal', 'no_address', 'bounces'));
UPDATE deliveries SET held_for = held_before
WHERE held_before IS NOT NULL;
ALTER TABLE deliveries DROP COLUMN held_before;
CREATE UNIQUE INDEX deliveries_first ON deliveries (campaign_id, supporter_id, representative_id)
WHERE repeat_of IS NULL AND is_test = 0 AND held_for IS DISTINCT FROM 'confirmation';

-- Of how many actions letters came back in a row; they count only together with `bounced_on`.
ALTER TABLE representatives ADD COLUMN returned_letters INTEGER;
-- Since when letters to the address are held.
ALTER TABLE representatives ADD COLUMN held_on TEXT;

-- Refusals for good and reports about what was sent, without its words.
CREATE TABLE bounces (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
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
    CHECK ((delivery_id IS NULL) = (representative_id IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX bounces_read ON bounces (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX bounces_of_organisation ON bounces (organisation_id, created_at, id);
CREATE INDEX bounces_of_delivery ON bounces (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX bounces_of_mail ON bounces (mail_id) WHERE mail_id IS NOT NULL;
