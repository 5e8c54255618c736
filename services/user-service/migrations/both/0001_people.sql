CREATE TABLE people (
    -- The address in upper case, by which look-ups find it.
    email_key TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- JSON: all seven days from Monday, each with its start hours sorted and unique.
    availabilities TEXT NOT NULL,
    preference TEXT NOT NULL CHECK (preference IN ('first', 'last', 'random')),
    -- Microseconds since 1970-01-01T00:00:00Z.
    created_at_us BIGINT NOT NULL
);

-- People who were changed while the cache could not be told so.
CREATE TABLE stale_keys (
    email_key TEXT NOT NULL PRIMARY KEY,
    -- Differs for each change; a row is deleted only while it is the change that the cache was told of.
    mark TEXT NOT NULL
);
