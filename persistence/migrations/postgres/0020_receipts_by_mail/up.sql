-- A mail may now say that letters have been taken.
ALTER TABLE mails
DROP CONSTRAINT mails_kind_check,
ADD CONSTRAINT mails_kind_check CHECK (kind IN ('confirmation', 'reminder', 'final_failure', 'receipt'));
