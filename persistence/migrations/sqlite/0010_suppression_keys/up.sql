-- The key that each hash was made under, so that a start without a key that is needed can be refused.

ALTER TABLE suppressions ADD COLUMN key_id TEXT NOT NULL DEFAULT 'secret';
