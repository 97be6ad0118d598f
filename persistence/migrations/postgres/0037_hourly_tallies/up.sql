-- Actions are counted by the hour: a day in the United Kingdom is a sum of hours.
DELETE FROM tallies WHERE kind = 'day';
INSERT INTO tallies (campaign_id, kind, key, count, version)
SELECT actions.campaign_id, 'hour', to_char(actions.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'), COUNT(*), tally_versions.version
FROM actions
JOIN tally_versions ON tally_versions.campaign_id = actions.campaign_id
WHERE actions.status = 'confirmed' AND actions.is_test = FALSE
GROUP BY 1, 3, tally_versions.version;
