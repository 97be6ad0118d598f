-- A mail may now say that letters have been taken. A column's check cannot be changed, so the column is replaced.
DROP INDEX mails_waiting;
ALTER TABLE mails RENAME COLUMN kind TO kind_before;
ALTER TABLE mails ADD COLUMN kind TEXT NOT NULL DEFAULT 'confirmation'
CHECK (kind IN ('confirmation', 'reminder', 'final_failure', 'receipt'));
UPDATE mails SET kind = kind_before;
ALTER TABLE mails DROP COLUMN kind_before;
CREATE UNIQUE INDEX mails_waiting ON mails (campaign_id, supporter_id, kind) WHERE available_at IS NOT NULL;
