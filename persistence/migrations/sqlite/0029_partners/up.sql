-- Campaigns of several organisations: each partner is a controller of its own people.

CREATE TABLE campaign_partners (
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    invited_at INTEGER NOT NULL,
    -- Nothing until the partner has said what it asks.
    joined_at INTEGER,
    PRIMARY KEY (campaign_id, organisation_id)
) STRICT, WITHOUT ROWID;

-- The partner through whose form an action came; its organisation is then the partner too.
ALTER TABLE actions ADD COLUMN partner_id BLOB;

-- What people answer to another organisation than the one whose form they use is a change of its own, which names the form.
ALTER TABLE preference_changes ADD COLUMN campaign_id BLOB;
ALTER TABLE preference_changes ADD COLUMN origin TEXT;

DROP TRIGGER preference_changes_no_update;
CREATE TRIGGER preference_changes_no_update BEFORE UPDATE ON preference_changes
WHEN NEW.note IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.organisation_id IS NOT OLD.organisation_id
OR NEW.supporter_id IS NOT OLD.supporter_id OR NEW.means IS NOT OLD.means OR NEW.recorded_by IS NOT OLD.recorded_by
OR NEW.created_at IS NOT OLD.created_at OR NEW.campaign_id IS NOT OLD.campaign_id OR NEW.origin IS NOT OLD.origin
BEGIN
    SELECT RAISE(ABORT, 'preference_changes is append-only');
END;
