-- The version of the privacy notice that stood beside the question: part of the evidence. Answers from before have none.

ALTER TABLE consents ADD COLUMN privacy_notice_version TEXT;
