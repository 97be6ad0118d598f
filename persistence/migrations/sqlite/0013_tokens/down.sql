DELETE FROM revisions WHERE name = 'revocations';

DROP TABLE revocations;

DROP TABLE tokens;
