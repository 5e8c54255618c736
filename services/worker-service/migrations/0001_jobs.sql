-- Jobs, and at the same time the outbox: a row that is queued, not published and due is waiting to be published.
-- Times are microseconds since 1970-01-01T00:00:00Z.
CREATE TABLE jobs (
    job_id          TEXT   PRIMARY KEY,
    case_id         TEXT   NOT NULL,
    user_id_1       TEXT   NOT NULL,
    user_id_2       TEXT   NOT NULL,
    preference      TEXT,
    idempotency_key TEXT   UNIQUE,
    trace           TEXT   NOT NULL,
    state           TEXT   NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'dead')),
    attempts        BIGINT NOT NULL,
    result          TEXT,
    error           TEXT,
    created_at      BIGINT NOT NULL,
    started_at      BIGINT,
    finished_at     BIGINT,
    published       BIGINT NOT NULL,
    publish_after   BIGINT NOT NULL
);

CREATE INDEX jobs_by_state ON jobs (state, job_id);
CREATE INDEX jobs_due ON jobs (publish_after) WHERE published = 0;
