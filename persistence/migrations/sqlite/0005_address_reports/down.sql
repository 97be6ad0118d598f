DROP TABLE address_reports;
