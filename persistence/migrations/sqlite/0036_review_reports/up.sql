-- How many submissions that wait for a person were last reported to their organisation.
CREATE TABLE review_reports (
    campaign_id BLOB NOT NULL REFERENCES campaigns (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    reported INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, organisation_id)
) STRICT, WITHOUT ROWID;

-- The queues are counted often.
CREATE INDEX reviews_waiting ON reviews (campaign_id, organisation_id, due_at) WHERE state = 'in_review';
