-- Links to sign in with, which are sent by mail and work once. The token itself is there until the mail has gone out.
CREATE TABLE sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- As people's addresses are compared.
    email_key TEXT NOT NULL,
    -- SHA-256 in base64url.
    token_hash TEXT NOT NULL UNIQUE,
    token TEXT,
    language TEXT NOT NULL,
    -- As in `mails`.
    mail_state TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL
);
CREATE INDEX sign_ins_by_address ON sign_ins (email_key);
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at_us);

-- Whether it is the token of a session, which a browser keeps as a cookie; the name is the browser's then.
ALTER TABLE access_tokens ADD COLUMN is_session BIGINT NOT NULL DEFAULT 0;
