-- Counts that show who is known, as they were at the last midnight in London: what the public reads of them.
-- The revision is the day, as days since 0001-01-01 plus one.

CREATE TABLE midnight_tallies (
    campaign_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, kind, key)
);

INSERT INTO revisions (name, revision) VALUES ('midnight_tallies', 0);

-- By representative, every action counts; what relays took is counted apart; each action counts for its nation.

DELETE FROM tallies WHERE kind IN ('representative', 'contacted') OR (kind = 'area' AND key LIKE 'nation/%');

INSERT INTO tallies (campaign_id, kind, key, count, version)
SELECT deliveries.campaign_id, 'representative', deliveries.representative_id::text, count(*), min(tally_versions.version)
FROM deliveries
JOIN actions ON actions.id = deliveries.action_id
JOIN tally_versions ON tally_versions.campaign_id = deliveries.campaign_id
WHERE actions.status = 'confirmed' AND actions.is_test = FALSE
GROUP BY deliveries.campaign_id, deliveries.representative_id;

INSERT INTO tallies (campaign_id, kind, key, count, version)
SELECT deliveries.campaign_id, 'contacted', deliveries.representative_id::text, count(*), min(tally_versions.version)
FROM deliveries
JOIN tally_versions ON tally_versions.campaign_id = deliveries.campaign_id
WHERE deliveries.state IN ('accepted', 'assumed_delivered') AND deliveries.repeat_of IS NULL AND deliveries.is_test = FALSE
GROUP BY deliveries.campaign_id, deliveries.representative_id;

INSERT INTO tallies (campaign_id, kind, key, count, version)
SELECT
    actions.campaign_id,
    'area',
    CASE actions.nation
        WHEN 'england' THEN 'nation/E92000001'
        WHEN 'scotland' THEN 'nation/S92000003'
        WHEN 'wales' THEN 'nation/W92000004'
        ELSE 'nation/N92000002'
    END,
    count(*),
    min(tally_versions.version)
FROM actions
JOIN tally_versions ON tally_versions.campaign_id = actions.campaign_id
WHERE actions.status = 'confirmed' AND actions.is_test = FALSE
GROUP BY actions.campaign_id, actions.nation;
