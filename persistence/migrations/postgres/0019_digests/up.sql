-- One mail to a representative in place of several letters.

-- The wish for it.
ALTER TABLE representatives ADD COLUMN digest_every text CHECK (digest_every IN ('day', 'week'));
ALTER TABLE representatives ADD COLUMN digest_shows text
CHECK (digest_shows IN ('counts', 'names', 'names_and_postcodes'));

CREATE TABLE digests (
    id uuid NOT NULL PRIMARY KEY,
    organisation_id uuid NOT NULL,
    representative_id uuid NOT NULL,
    every text NOT NULL CHECK (every IN ('day', 'week')),
    state text NOT NULL CHECK (
        state IN (
            'queued', 'sending', 'accepted', 'temporary_failure', 'permanent_failure', 'technical_failure', 'uncertain',
            'cancelled'
        )
    ),
    held_for text,
    available_at timestamptz,
    attempts integer NOT NULL,
    lease_token uuid,
    reply text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX digests_due ON digests (available_at, id) WHERE available_at IS NOT NULL;
CREATE INDEX digests_of_organisation ON digests (organisation_id, created_at, id);
-- The one that collects letters; it takes no more once it has been tried.
CREATE UNIQUE INDEX digests_collecting ON digests (representative_id, organisation_id, every)
WHERE state = 'queued' AND attempts = 0;

-- The digest that carries a letter. While it collects, the letter waits for it by `paced_by`.
ALTER TABLE deliveries ADD COLUMN digest_id uuid;
CREATE INDEX deliveries_of_digest ON deliveries (digest_id, id) WHERE digest_id IS NOT NULL;
