-- Who can sign in, and by which tokens. Who is an administrator is a setting and stands in no table.
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- As people's addresses are compared.
    email_key TEXT NOT NULL UNIQUE,
    created_at_us BIGINT NOT NULL
);

CREATE TABLE access_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- SHA-256 in base64url.
    token_hash TEXT NOT NULL UNIQUE,
    -- What its owner calls it.
    name TEXT NOT NULL,
    may_write BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    -- Days since 1970-01-01 in UTC.
    last_used_day BIGINT
);

CREATE INDEX access_tokens_by_account ON access_tokens (account_id);
