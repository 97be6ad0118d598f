-- One mail to a representative in place of several letters.

-- The wish for it.
ALTER TABLE representatives ADD COLUMN digest_every TEXT CHECK (digest_every IN ('day', 'week'));
ALTER TABLE representatives ADD COLUMN digest_shows TEXT
CHECK (digest_shows IN ('counts', 'names', 'names_and_postcodes'));

CREATE TABLE digests (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    representative_id BLOB NOT NULL,
    every TEXT NOT NULL CHECK (every IN ('day', 'week')),
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
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX digests_due ON digests (available_at, id) WHERE available_at IS NOT NULL;
CREATE INDEX digests_of_organisation ON digests (organisation_id, created_at, id);
-- The one that collects letters; it takes no more once it has been tried.
CREATE UNIQUE INDEX digests_collecting ON digests (representative_id, organisation_id, every)
WHERE state = 'queued' AND attempts = 0;

-- The digest that carries a letter. While it collects, the letter waits for it by `paced_by`.
ALTER TABLE deliveries ADD COLUMN digest_id BLOB;
CREATE INDEX deliveries_of_digest ON deliveries (digest_id, id) WHERE digest_id IS NOT NULL;
