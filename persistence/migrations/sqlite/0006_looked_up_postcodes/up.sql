-- What a postcode service answered about postcodes that no file has, so that no node asks again.

CREATE TABLE looked_up_postcodes (
    postcode TEXT NOT NULL PRIMARY KEY,
    layer TEXT NOT NULL,
    source TEXT NOT NULL,
    areas TEXT NOT NULL CHECK (json_valid(areas)),
    ended TEXT,
    looked_up_on TEXT NOT NULL,
    expires_on TEXT NOT NULL
) STRICT;

CREATE INDEX looked_up_postcodes_by_end ON looked_up_postcodes (expires_on);
