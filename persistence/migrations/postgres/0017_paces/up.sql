-- How fast messages leave: for each thing that has a cap, when the next one may, and who waits for it.

CREATE TABLE paces (
    -- A mailbox, a receiving domain, a campaign or a sending domain: `mailbox:una@parliament.example`.
    key text NOT NULL PRIMARY KEY,
    -- The theoretical arrival time after what has left; nothing before the first.
    arrival timestamptz,
    -- When the next message that waits here may be looked at; nothing while none waits.
    wake_at timestamptz,
    -- The campaign whose message was looked at last: they take turns.
    last_campaign_id uuid
);

CREATE INDEX paces_waking ON paces (wake_at) WHERE wake_at IS NOT NULL;

-- What a message waits for that is not due: the key of its cap.
ALTER TABLE deliveries ADD COLUMN paced_by text;
CREATE INDEX deliveries_paced ON deliveries (paced_by, campaign_id, id) WHERE paced_by IS NOT NULL;
