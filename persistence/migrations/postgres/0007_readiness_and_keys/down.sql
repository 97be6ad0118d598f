DROP TABLE key_checks;
DELETE FROM revisions WHERE name = 'readiness';
