-- What a postcode service answered about postcodes that no file has, so that no node asks again.

CREATE TABLE looked_up_postcodes (
    postcode TEXT PRIMARY KEY,
    layer TEXT NOT NULL,
    source TEXT NOT NULL,
    areas JSONB NOT NULL,
    ended TEXT,
    looked_up_on DATE NOT NULL,
    expires_on DATE NOT NULL
);

CREATE INDEX looked_up_postcodes_by_end ON looked_up_postcodes (expires_on);
