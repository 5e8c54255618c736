-- Mails. What a poll says of them, whom they go to, and an outbox: a row is written in the transaction of what it is about,
-- with an order of a job of the kind `mail`.
ALTER TABLE polls ADD COLUMN organiser_email TEXT;
-- What mails are written in where their recipient has not said.
ALTER TABLE polls ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE polls ADD COLUMN remind BIGINT NOT NULL DEFAULT 0;

-- NULL: as the poll's.
ALTER TABLE participants ADD COLUMN language TEXT;
-- A second token that does what the edit token does: only its hash is kept, so a reminder needs one of its own.
ALTER TABLE participants ADD COLUMN reminder_token_hash TEXT;
CREATE UNIQUE INDEX participants_reminder_token ON participants (poll_id, reminder_token_hash)
    WHERE reminder_token_hash IS NOT NULL;

CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    -- What it is about, such as request/POLL/PARTICIPANT/SEQUENCE: nobody is told the same twice.
    mail_key TEXT NOT NULL UNIQUE,
    poll_id TEXT NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    -- NULL: it goes to the organiser.
    participant_id TEXT,
    address TEXT NOT NULL,
    -- As people.address_key.
    address_key TEXT NOT NULL,
    purpose TEXT NOT NULL,
    -- JSON: what it says, besides the link.
    content TEXT NOT NULL,
    -- The recipient's own page, with their token in it; NULL as soon as the mail has been sent.
    link TEXT,
    -- waiting, sent, failed or withdrawn.
    state TEXT NOT NULL,
    error TEXT,
    created_at_us BIGINT NOT NULL,
    ended_at_us BIGINT
);

CREATE INDEX mails_of_poll ON mails (poll_id, purpose, created_at_us);
CREATE INDEX mails_of_address ON mails (address_key, created_at_us);
CREATE INDEX mails_waiting ON mails (created_at_us) WHERE state = 'waiting';

-- Addresses that were written to. Nobody can read them here, and they stay when all else of a person goes, so that whoever
-- wants no mails gets none.
CREATE TABLE mail_addresses (
    -- SHA-256 of people.address_key in base64url.
    address_hash TEXT NOT NULL PRIMARY KEY,
    -- With it somebody says that they want no more mails. It can do nothing else, so it is kept as it is.
    unsubscribe_token TEXT NOT NULL UNIQUE,
    -- unsubscribed or bounced; NULL where it may be written to.
    blocked TEXT,
    blocked_at_us BIGINT
);

-- Nothing of a person stays when they are deleted but the name that they gave to a poll.
CREATE FUNCTION forget_mails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM mails WHERE address_key = OLD.address_key;
    RETURN NULL;
END
$$;

CREATE TRIGGER forget_mails AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION forget_mails();
