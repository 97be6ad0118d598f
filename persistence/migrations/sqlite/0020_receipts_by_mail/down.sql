DELETE FROM bounces
WHERE mail_id IN (SELECT id FROM mails WHERE kind = 'receipt');
DELETE FROM mails
WHERE kind = 'receipt';
DROP INDEX mails_waiting;
ALTER TABLE mails RENAME COLUMN kind TO kind_before;
ALTER TABLE mails ADD COLUMN kind TEXT NOT NULL DEFAULT 'confirmation'
CHECK (kind IN ('confirmation', 'reminder', 'final_failure'));
UPDATE mails SET kind = kind_before;
ALTER TABLE mails DROP COLUMN kind_before;
CREATE UNIQUE INDEX mails_waiting ON mails (campaign_id, supporter_id, kind) WHERE available_at IS NOT NULL;
