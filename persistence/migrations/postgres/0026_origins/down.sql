ALTER TABLE actions DROP COLUMN origin;
