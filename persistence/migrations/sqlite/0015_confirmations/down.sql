DROP TABLE mails;
DROP INDEX deliveries_first;
CREATE UNIQUE INDEX deliveries_first ON deliveries (campaign_id, supporter_id, representative_id)
WHERE repeat_of IS NULL AND is_test = 0;
DROP INDEX actions_awaiting;
DROP INDEX actions_of_supporter;
ALTER TABLE actions DROP COLUMN unconfirmed_answers;
ALTER TABLE actions DROP COLUMN confirmed_by;
ALTER TABLE actions DROP COLUMN confirmed_at;
