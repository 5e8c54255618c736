-- Who did what: accounts and administrators. Of people there are ids alone, so that of those who are erased nothing is left.
CREATE TABLE audit_entries (
    -- UUID version 7, by which entries follow each other.
    id TEXT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL,
    case_id TEXT NOT NULL,
    -- No reference: entries outlive accounts.
    account_id TEXT NOT NULL,
    is_administrator BIGINT NOT NULL,
    method TEXT NOT NULL,
    -- Such as /users/users/{email}.
    route TEXT NOT NULL,
    -- Of a poll, a job, a token or a session.
    object_id TEXT,
    -- NULL when the client has left before there was a reply.
    status BIGINT
);
CREATE INDEX audit_entries_by_time ON audit_entries (at_us);
CREATE INDEX audit_entries_by_account ON audit_entries (account_id, id);
CREATE INDEX audit_entries_by_object ON audit_entries (object_id, id) WHERE object_id IS NOT NULL;

-- Whom they are about.
CREATE TABLE audit_subjects (
    -- people.id or accounts.id.
    subject_id TEXT NOT NULL,
    entry_id TEXT NOT NULL REFERENCES audit_entries (id) ON DELETE CASCADE,
    PRIMARY KEY (subject_id, entry_id)
);
CREATE INDEX audit_subjects_by_entry ON audit_subjects (entry_id);
