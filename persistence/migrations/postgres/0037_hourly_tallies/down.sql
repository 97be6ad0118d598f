DELETE FROM tallies WHERE kind = 'hour';
INSERT INTO tallies (campaign_id, kind, key, count, version)
SELECT actions.campaign_id, 'day', to_char(actions.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), COUNT(*), tally_versions.version
FROM actions
JOIN tally_versions ON tally_versions.campaign_id = actions.campaign_id
WHERE actions.status = 'confirmed' AND actions.is_test = FALSE
GROUP BY 1, 3, tally_versions.version;
