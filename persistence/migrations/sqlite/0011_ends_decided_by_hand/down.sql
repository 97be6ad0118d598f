ALTER TABLE representatives DROP COLUMN end_decided_on;
