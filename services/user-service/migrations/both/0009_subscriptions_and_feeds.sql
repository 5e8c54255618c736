-- Calendars that are fetched from where they are.
CREATE TABLE calendar_subscriptions (
    -- 128 random bits in base64url.
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- A secret: whoever knows it reads the calendar.
    url TEXT NOT NULL,
    -- Whether an invitation that the person has not answered makes them busy.
    unanswered_is_busy BIGINT NOT NULL,
    -- What stands for the content that is known, by the server and by its SHA-256 in base64url.
    etag TEXT,
    content_hash TEXT,
    -- Counts the times that it is fetched; what comes of one time is noted once.
    turn BIGINT NOT NULL,
    -- When this time begins.
    due_at_us BIGINT NOT NULL,
    -- When it was fetched at last and could be read, or had not changed.
    fetched_at_us BIGINT,
    -- How often in a row it could not be, and why not the last time.
    failures BIGINT NOT NULL,
    last_error TEXT,
    UNIQUE (person_id, name),
    FOREIGN KEY (person_id, name) REFERENCES calendars (person_id, name) ON DELETE CASCADE
);

CREATE INDEX calendar_subscriptions_by_due_time ON calendar_subscriptions (due_at_us);

-- The secrets by which calendar programs read a person's meetings; SHA-256 in base64url.
CREATE TABLE feeds (
    person_id TEXT NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL
);
