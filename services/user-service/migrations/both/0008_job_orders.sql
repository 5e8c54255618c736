-- What the workers are to do, from `due_at_us` on; written in the transaction of what it is about. Until `leased_until_us` a
-- worker-service is taking it over.
CREATE TABLE job_orders (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    case_id TEXT NOT NULL,
    due_at_us BIGINT NOT NULL,
    leased_until_us BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX job_orders_by_due_time ON job_orders (due_at_us);

-- Counts decisions and takings back: the SEQUENCE of the meeting in calendars (RFC 5545).
ALTER TABLE polls ADD COLUMN meeting_sequence BIGINT NOT NULL DEFAULT 0;
