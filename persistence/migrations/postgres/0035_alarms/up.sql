-- Rates of submissions that left their usual band.
CREATE TABLE alarms (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    rate TEXT NOT NULL CHECK (rate IN ('campaign', 'domain', 'client')),
    -- The campaign, the mail domain, or the keyed hash of the client.
    subject TEXT NOT NULL,
    departure TEXT NOT NULL CHECK (departure IN ('above', 'below')),
    -- How many there were in the last window that was outside, and how many are usual.
    count BIGINT NOT NULL,
    usual BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);

CREATE INDEX alarms_of_organisation ON alarms (organisation_id, created_at, id);
-- Several servers see the same; one row says it.
CREATE UNIQUE INDEX alarms_open ON alarms (organisation_id, rate, subject) WHERE ended_at IS NULL;
