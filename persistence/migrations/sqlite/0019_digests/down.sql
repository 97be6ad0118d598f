UPDATE deliveries SET available_at = updated_at, paced_by = NULL
WHERE paced_by LIKE 'digest:%';
DROP INDEX deliveries_of_digest;
ALTER TABLE deliveries DROP COLUMN digest_id;
DROP TABLE digests;
ALTER TABLE representatives DROP COLUMN digest_shows;
ALTER TABLE representatives DROP COLUMN digest_every;
