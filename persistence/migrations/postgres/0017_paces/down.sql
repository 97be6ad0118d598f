UPDATE deliveries SET available_at = updated_at
WHERE paced_by IS NOT NULL;
DROP INDEX deliveries_paced;
ALTER TABLE deliveries DROP COLUMN paced_by;
DROP TABLE paces;
