-- Areas, representatives, bodies and postcodes: read into memory as a whole, changed by imports.

CREATE TABLE areas (
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_cy TEXT,
    name_gd TEXT,
    generation TEXT,
    parent_code TEXT,
    seats INTEGER,
    start_date TEXT,
    end_date TEXT,
    alias_of TEXT,
    PRIMARY KEY (kind, code)
) STRICT;

CREATE TABLE representatives (
    id BLOB NOT NULL PRIMARY KEY,
    external_id TEXT NOT NULL,
    office TEXT NOT NULL CHECK (office IN ('mp', 'msp_constituency', 'msp_region', 'ms', 'mla')),
    area_code TEXT NOT NULL,
    name TEXT NOT NULL,
    salutation TEXT,
    party TEXT,
    email TEXT,
    route TEXT NOT NULL CHECK (route IN ('email', 'via_office', 'refuses', 'no_address')),
    language TEXT,
    source TEXT,
    verified_on TEXT,
    start_date TEXT,
    end_date TEXT
) STRICT;

CREATE INDEX representatives_by_external_id ON representatives (external_id);

CREATE TABLE bodies (
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    route TEXT NOT NULL CHECK (route IN ('email', 'via_office', 'refuses', 'no_address')),
    source TEXT,
    PRIMARY KEY (kind, code)
) STRICT;

CREATE TABLE postcode_layers (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    as_of TEXT NOT NULL,
    kinds TEXT NOT NULL CHECK (json_valid(kinds))
) STRICT;

-- A layer's postcodes as the domain packs them: millions of rows would cost seconds to read, a few blocks do not.
CREATE TABLE postcode_blocks (
    layer_id BLOB NOT NULL REFERENCES postcode_layers (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (layer_id, position)
) STRICT;

-- Where the directory's facts came from: one row per file that changed something.
CREATE TABLE imports (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('areas', 'postcodes', 'representatives', 'bodies')),
    file_name TEXT NOT NULL,
    digest TEXT NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
