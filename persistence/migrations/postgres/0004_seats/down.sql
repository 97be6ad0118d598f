DROP INDEX deliveries_held;
ALTER TABLE deliveries DROP COLUMN held_for;
ALTER TABLE representatives DROP COLUMN bounced_on;
DROP TABLE dissolutions;
