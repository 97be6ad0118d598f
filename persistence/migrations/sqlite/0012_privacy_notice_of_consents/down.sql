ALTER TABLE consents DROP COLUMN privacy_notice_version;
