-- What a held message waits for may now be an address to which letters came back.
ALTER TABLE deliveries
DROP CONSTRAINT deliveries_held_for_check,
ADD CONSTRAINT deliveries_held_for_check CHECK (
    held_for IN ('confirmation', 'vacancy', 'moved', 'refusal', 'no_address', 'bounces')
);

ALTER TABLE representatives
-- Of how many actions letters came back in a row; they count only together with `bounced_on`.
ADD COLUMN returned_letters integer,
-- Since when letters to the address are held.
ADD COLUMN held_on date;

-- Refusals for good and reports about what was sent, without its words.
CREATE TABLE bounces (
    id uuid NOT NULL PRIMARY KEY,
    organisation_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    -- The letter or the mail that it is about.
    delivery_id uuid REFERENCES deliveries (id),
    mail_id uuid REFERENCES mails (id),
    -- The recipient of the letter.
    representative_id uuid,
    kind text NOT NULL CHECK (kind IN ('failed', 'delayed')),
    cause text NOT NULL CHECK (cause IN ('address', 'mailbox', 'message', 'sender', 'route', 'unclear')),
    lasts boolean NOT NULL,
    reply text NOT NULL,
    -- A hash of a report's bytes: one that is read twice counts once.
    fingerprint bytea,
    created_at timestamptz NOT NULL,
    CHECK ((delivery_id IS NULL) <> (mail_id IS NULL)),
    CHECK ((delivery_id IS NULL) = (representative_id IS NULL))
);

CREATE UNIQUE INDEX bounces_read ON bounces (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX bounces_of_organisation ON bounces (organisation_id, created_at, id);
CREATE INDEX bounces_of_delivery ON bounces (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX bounces_of_mail ON bounces (mail_id) WHERE mail_id IS NOT NULL;
