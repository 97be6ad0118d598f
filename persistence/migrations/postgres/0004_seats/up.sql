-- Seats as they are: more offices, dissolutions, addresses from which mail came back, and why a message is held.

CREATE TABLE dissolutions (
    legislature TEXT NOT NULL CHECK (
        legislature IN ('house_of_commons', 'house_of_lords', 'scottish_parliament', 'senedd', 'northern_ireland_assembly')
    ),
    dissolved_on DATE NOT NULL,
    election_on DATE,
    announced_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (legislature, dissolved_on)
);

ALTER TABLE representatives
    ADD COLUMN bounced_on DATE,
    DROP CONSTRAINT representatives_office_check,
    ADD CONSTRAINT representatives_office_check CHECK (
        office IN ('mp', 'msp_constituency', 'msp_region', 'ms', 'ms_region', 'mla', 'councillor', 'mayor', 'peer')
    );

ALTER TABLE templates
    DROP CONSTRAINT templates_office_check,
    ADD CONSTRAINT templates_office_check CHECK (
        office IN ('any', 'mp', 'msp_constituency', 'msp_region', 'ms', 'ms_region', 'mla')
    );

-- `held_for` is what a held message waits for.
ALTER TABLE deliveries
    ADD COLUMN held_for TEXT CHECK (held_for IN ('confirmation', 'vacancy', 'moved', 'refusal', 'no_address')),
    DROP CONSTRAINT deliveries_office_check,
    ADD CONSTRAINT deliveries_office_check CHECK (
        office IN ('mp', 'msp_constituency', 'msp_region', 'ms', 'ms_region', 'mla')
    );

UPDATE deliveries
SET held_for = CASE WHEN reply IS NULL THEN 'confirmation' ELSE 'vacancy' END
WHERE state = 'held';

-- What is looked at again whenever the directory changes.
CREATE INDEX deliveries_held ON deliveries (id) WHERE state = 'held' AND available_at IS NULL;
