-- Polls of accounts: those of which somebody has shown the organiser's token, or a participant's.
CREATE TABLE account_polls (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    poll_id TEXT NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    -- Empty for the organiser.
    participant_id TEXT NOT NULL,
    added_at_us BIGINT NOT NULL,
    PRIMARY KEY (account_id, poll_id, participant_id)
);
CREATE INDEX account_polls_by_poll ON account_polls (poll_id);

-- Further tokens of polls: those that an account has had made for another browser.
CREATE TABLE poll_tokens (
    -- SHA-256 in base64url.
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    poll_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    FOREIGN KEY (account_id, poll_id, participant_id)
        REFERENCES account_polls (account_id, poll_id, participant_id) ON DELETE CASCADE
);
CREATE INDEX poll_tokens_by_account ON poll_tokens (account_id, poll_id, participant_id);
