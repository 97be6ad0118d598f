ALTER TABLE actions DROP COLUMN sealed_message;
