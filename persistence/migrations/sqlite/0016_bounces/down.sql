DROP TABLE bounces;
ALTER TABLE representatives DROP COLUMN held_on;
ALTER TABLE representatives DROP COLUMN returned_letters;
DROP INDEX deliveries_first;
ALTER TABLE deliveries RENAME COLUMN held_for TO held_before;
ALTER TABLE deliveries ADD COLUMN held_for TEXT
CHECK (held_for IN ('confirmation', 'vacancy', 'moved', 'refusal', 'no_address'));
UPDATE deliveries SET held_for = CASE held_before WHEN 'bounces' THEN 'no_address' ELSE held_before END
WHERE held_before IS NOT NULL;
ALTER TABLE deliveries DROP COLUMN held_before;
CREATE UNIQUE INDEX deliveries_first ON deliveries (campaign_id, supporter_id, representative_id)
WHERE repeat_of IS NULL AND is_test = 0 AND held_for IS DISTINCT FROM 'confirmation';
