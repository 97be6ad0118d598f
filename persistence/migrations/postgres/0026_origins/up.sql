-- The web page that a form stood on, as its browser said: part of the evidence of an answer.
ALTER TABLE actions ADD COLUMN origin TEXT;
