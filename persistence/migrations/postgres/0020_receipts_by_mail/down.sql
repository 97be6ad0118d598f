DELETE FROM bounces
WHERE mail_id IN (SELECT id FROM mails WHERE kind = 'receipt');
DELETE FROM mails
WHERE kind = 'receipt';
ALTER TABLE mails
DROP CONSTRAINT mails_kind_check,
ADD CONSTRAINT mails_kind_check CHECK (kind IN ('confirmation', 'reminder', 'final_failure'));
