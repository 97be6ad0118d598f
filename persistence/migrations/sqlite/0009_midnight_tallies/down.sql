DELETE FROM revisions WHERE name = 'midnight_tallies';

DROP TABLE midnight_tallies;

DELETE FROM tallies WHERE kind = 'contacted' OR (kind = 'area' AND key LIKE 'nation/%');
