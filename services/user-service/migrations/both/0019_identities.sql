-- Attempts to sign in by a provider of identities, each of which works once. Its secret is in the browser that makes it alone.
CREATE TABLE sign_in_attempts (
    -- SHA-256 in base64url.
    secret_hash TEXT NOT NULL PRIMARY KEY,
    -- The name of the provider in the settings.
    provider TEXT NOT NULL,
    -- The path of the page to which it leads.
    return_path TEXT NOT NULL,
    expires_at_us BIGINT NOT NULL
);
CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (expires_at_us);

-- Whose account it is that a provider knows under this subject. It stays so whatever address the provider says later.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_account ON identities (account_id);

-- Sessions that began at a provider.
CREATE TABLE provider_sessions (
    token_id TEXT NOT NULL PRIMARY KEY REFERENCES access_tokens (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- What the provider calls its own session, if it says so.
    provider_session TEXT,
    -- By which the provider knows its session when it is to be ended; empty where it is too long for that.
    id_token TEXT NOT NULL,
    -- Whether the provider has said that this is a member of a group of administrators.
    is_administrator BIGINT NOT NULL
);
CREATE INDEX provider_sessions_by_subject ON provider_sessions (issuer, subject);
