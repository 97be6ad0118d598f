DROP TRIGGER preference_changes_no_update;
ALTER TABLE preference_changes DROP COLUMN origin;
ALTER TABLE preference_changes DROP COLUMN campaign_id;
CREATE TRIGGER preference_changes_no_update BEFORE UPDATE ON preference_changes
WHEN NEW.note IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.organisation_id IS NOT OLD.organisation_id
OR NEW.supporter_id IS NOT OLD.supporter_id OR NEW.means IS NOT OLD.means OR NEW.recorded_by IS NOT OLD.recorded_by
OR NEW.created_at IS NOT OLD.created_at
BEGIN
    SELECT RAISE(ABORT, 'preference_changes is append-only');
END;

ALTER TABLE actions DROP COLUMN partner_id;
DROP TABLE campaign_partners;
