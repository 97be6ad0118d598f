-- Actions are counted by the hour: a day in the United Kingdom is a sum of hours.
DELETE FROM tallies WHERE kind = 'day';
INSERT INTO tallies (campaign_id, kind, key, count, version)
SELECT actions.campaign_id, 'hour', strftime('%Y-%m-%dT%H', actions.created_at / 1000000, 'unixepoch'), COUNT(*), tally_versions.version
FROM actions
JOIN tally_versions ON tally_versions.campaign_id = actions.campaign_id
WHERE actions.status = 'confirmed' AND actions.is_test = 0
GROUP BY 1, 3, tally_versions.version;
