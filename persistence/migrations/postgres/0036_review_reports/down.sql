DROP INDEX reviews_waiting;
DROP TABLE review_reports;
