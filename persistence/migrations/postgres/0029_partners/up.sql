-- Campaigns of several organisations: each partner is a controller of its own people.

CREATE TABLE campaign_partners (
    campaign_id UUID NOT NULL REFERENCES campaigns (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    invited_at TIMESTAMPTZ NOT NULL,
    -- Nothing until the partner has said what it asks.
    joined_at TIMESTAMPTZ,
    PRIMARY KEY (campaign_id, organisation_id)
);

-- The partner through whose form an action came; its organisation is then the partner too.
ALTER TABLE actions ADD COLUMN partner_id UUID;

-- What people answer to another organisation than the one whose form they use is a change of its own, which names the form.
ALTER TABLE preference_changes
ADD COLUMN campaign_id UUID,
ADD COLUMN origin TEXT;

DROP TRIGGER preference_changes_no_update ON preference_changes;
CREATE TRIGGER preference_changes_no_update
BEFORE UPDATE ON preference_changes
FOR EACH ROW WHEN (
    NEW.note IS NOT NULL
    OR (
        NEW.id, NEW.organisation_id, NEW.supporter_id, NEW.means, NEW.recorded_by, NEW.created_at, NEW.campaign_id, NEW.origin
    ) IS DISTINCT FROM (
        OLD.id, OLD.organisation_id, OLD.supporter_id, OLD.means, OLD.recorded_by, OLD.created_at, OLD.campaign_id, OLD.origin
    )
) EXECUTE FUNCTION refuse_change();
