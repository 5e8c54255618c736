-- Tokens and sessions that have ended are found by it, and deleted every hour.
CREATE INDEX access_tokens_by_end ON access_tokens (expires_at_us);
