-- People who were erased, for as long as worker-service has jobs and mail files about them.
CREATE TABLE erasures (
    id TEXT NOT NULL PRIMARY KEY,
    -- As people.address_key.
    address_key TEXT NOT NULL,
    account_id TEXT,
    -- JSON: ids of polls whose jobs may name the person, and of mails about them.
    polls TEXT NOT NULL,
    mails TEXT NOT NULL,
    created_at_us BIGINT NOT NULL
);
CREATE INDEX erasures_by_time ON erasures (created_at_us);

-- The organiser's address as people.address_key. NULL also where a release before has written the address.
ALTER TABLE polls ADD COLUMN organiser_key TEXT;
CREATE INDEX polls_by_organiser ON polls (organiser_key) WHERE organiser_email IS NOT NULL;
