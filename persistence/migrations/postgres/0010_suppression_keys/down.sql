ALTER TABLE suppressions DROP COLUMN key_id;
