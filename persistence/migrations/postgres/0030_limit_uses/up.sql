-- What each server has counted on limits in an hour, so that several servers keep one limit together and a restart does not lift it.

CREATE TABLE limit_uses (
    -- The limit, as answers announce it: its name, its amount and its window.
    policy TEXT NOT NULL,
    -- A keyed hash of the client, campaign or credential.
    subject BYTEA NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    node_id UUID NOT NULL,
    used INTEGER NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (policy, subject, hour, node_id)
);

CREATE INDEX limit_uses_changed ON limit_uses (changed_at);
