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

-- Who has read or changed what, without contents. People and accounts are named by their ids alone, which tell nothing once they
-- are erased.
CREATE TABLE audit_events (
    -- UUID version 7 with the instant.
    id TEXT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL,
    -- account or administrator; the account's id, none for the installation's administrator.
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    -- The operation as OpenAPI calls it.
    operation TEXT NOT NULL,
    -- person, account or poll.
    subject_kind TEXT,
    subject_id TEXT,
    status BIGINT NOT NULL,
    case_id TEXT NOT NULL
);
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, id) WHERE actor_id IS NOT NULL;
