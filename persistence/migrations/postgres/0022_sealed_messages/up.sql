-- Personal messages are sealed with a key that the database does not have: they may tell of health.
ALTER TABLE actions ADD COLUMN sealed_message BYTEA;
