-- The day on which an administrator decided that a membership ends: an import of an older list does not take it back.

ALTER TABLE representatives ADD COLUMN end_decided_on DATE;
