-- The account that has ordered a job; none where nobody was signed in.
ALTER TABLE jobs ADD COLUMN owner TEXT;

CREATE INDEX jobs_by_owner ON jobs (owner, job_id) WHERE owner IS NOT NULL;
