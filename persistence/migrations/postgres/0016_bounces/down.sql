DROP TABLE bounces;
ALTER TABLE representatives DROP COLUMN held_on, DROP COLUMN returned_letters;
UPDATE deliveries SET held_for = 'no_address'
WHERE held_for = 'bounces';
ALTER TABLE deliveries
DROP CONSTRAINT deliveries_held_for_check,
ADD CONSTRAINT deliveries_held_for_check CHECK (
    held_for IN ('confirmation', 'vacancy', 'moved', 'refusal', 'no_address')
);
