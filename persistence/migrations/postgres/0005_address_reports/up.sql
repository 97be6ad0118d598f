-- What people report about representatives: a queue for the operator. Nothing in it says who reported.

CREATE TABLE address_reports (
    id UUID PRIMARY KEY,
    representative_id UUID NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('bounced', 'left_office', 'wrong_person', 'wishes_no_mail', 'other')),
    status TEXT NOT NULL CHECK (status IN ('open', 'resolved', 'dismissed')),
    count INTEGER NOT NULL,
    -- The latest remarks, in their authors' own words.
    remarks JSONB NOT NULL,
    note TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_reported_at TIMESTAMPTZ NOT NULL
);

-- The same thing about the same person stands in the queue once, however many report it.
CREATE UNIQUE INDEX address_reports_open ON address_reports (representative_id, reason) WHERE status = 'open';
CREATE INDEX address_reports_newest ON address_reports (created_at, id);
