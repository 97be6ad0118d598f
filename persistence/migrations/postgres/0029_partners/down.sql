DROP TRIGGER preference_changes_no_update ON preference_changes;
ALTER TABLE preference_changes
DROP COLUMN origin,
DROP COLUMN campaign_id;
CREATE TRIGGER preference_changes_no_update
BEFORE UPDATE ON preference_changes
FOR EACH ROW WHEN (
    NEW.note IS NOT NULL
    OR (NEW.id, NEW.organisation_id, NEW.supporter_id, NEW.means, NEW.recorded_by, NEW.created_at)
    IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.supporter_id, OLD.means, OLD.recorded_by, OLD.created_at)
) EXECUTE FUNCTION refuse_change();

ALTER TABLE actions DROP COLUMN partner_id;
DROP TABLE campaign_partners;
