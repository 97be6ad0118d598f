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
    start_date DATE,
    end_date DATE,
    alias_of TEXT,
    PRIMARY KEY (kind, code)
);

CREATE TABLE representatives (
    id UUID PRIMARY KEY,
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
    verified_on DATE,
    start_date DATE,
    end_date DATE
);

CREATE INDEX representatives_by_external_id ON representatives (external_id);

CREATE TABLE bodies (
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    route TEXT NOT NULL CHECK (route IN ('email', 'via_office', 'refuses', 'no_address')),
    source TEXT,
    PRIMARY KEY (kind, code)
);

CREATE TABLE postcode_layers (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    as_of DATE NOT NULL,
    kinds JSONB NOT NULL
);

-- A layer's postcodes as the domain packs them: millions of rows would cost seconds to read, a few blocks do not.
CREATE TABLE postcode_blocks (
    layer_id UUID NOT NULL REFERENCES postcode_layers (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (layer_id, position)
);

ALTER TABLE postcode_blocks ALTER COLUMN data SET STORAGE EXTERNAL;

-- Where the directory's facts came from: one row per file that changed something.
CREATE TABLE imports (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('areas', 'postcodes', 'representatives', 'bodies')),
    file_name TEXT NOT NULL,
    digest TEXT NOT NULL,
    added BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
