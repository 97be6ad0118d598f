DROP TABLE link_requests;

DELETE FROM bounces
WHERE campaign_id IS NULL;
ALTER TABLE bounces
DROP CONSTRAINT bounces_letter_of_campaign,
ALTER COLUMN campaign_id SET NOT NULL;

DELETE FROM mails
WHERE action_id IS NULL;
DROP INDEX mails_links_waiting;
DROP INDEX mails_of_person;
DROP INDEX mails_of_action;
CREATE INDEX mails_of_action ON mails (action_id);
ALTER TABLE mails
DROP CONSTRAINT mails_about_action,
DROP CONSTRAINT mails_about_person,
DROP CONSTRAINT mails_about_change,
DROP CONSTRAINT mails_language,
DROP COLUMN change_id,
DROP COLUMN locale,
DROP CONSTRAINT mails_kind_check,
ADD CONSTRAINT mails_kind_check CHECK (kind IN ('confirmation', 'reminder', 'final_failure', 'receipt')),
ALTER COLUMN campaign_id SET NOT NULL,
ALTER COLUMN action_id SET NOT NULL;
