-- Kinds of jobs, and leases of those that run. Replicas of the release before read and write the table meanwhile: they
-- leave all of this at its default, so a job without a payload is a pair's, and a running job without a lease is theirs.
ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT 'suggest';
ALTER TABLE jobs ADD COLUMN payload TEXT;
ALTER TABLE jobs ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN lease_owner TEXT;
ALTER TABLE jobs ADD COLUMN lease_until BIGINT;

DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (priority DESC, publish_after) WHERE published = 0;

-- Tells the jobs of this table from those of other installations that have the same queue.
CREATE TABLE installation (
    singleton BIGINT PRIMARY KEY CHECK (singleton = 1),
    id        TEXT   NOT NULL
);
