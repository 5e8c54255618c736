-- What people say about their time beyond the week of whole hours in people.availabilities.
CREATE TABLE schedules (
    person_id TEXT NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    -- A zone of the IANA database.
    time_zone TEXT NOT NULL,
    -- JSON: rules in local time. NULL: the hours of people.availabilities.
    weekly TEXT,
    -- JSON: what replaces single dates.
    overrides TEXT NOT NULL,
    -- JSON: rules without a level.
    working_hours TEXT NOT NULL
);

-- Calendars that were imported, by the name that the person gave them.
CREATE TABLE calendars (
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    events BIGINT NOT NULL,
    busy BIGINT NOT NULL,
    -- Microseconds since 1970-01-01T00:00:00Z, as everywhere below where a name ends so.
    imported_at_us BIGINT NOT NULL,
    PRIMARY KEY (person_id, name)
);

-- When people are busy by their calendars; those of one calendar neither overlap nor touch.
CREATE TABLE busy_times (
    person_id TEXT NOT NULL,
    calendar TEXT NOT NULL,
    starts_at_us BIGINT NOT NULL,
    ends_at_us BIGINT NOT NULL,
    PRIMARY KEY (person_id, calendar, starts_at_us),
    FOREIGN KEY (person_id, calendar) REFERENCES calendars (person_id, name) ON DELETE CASCADE
);

CREATE TABLE polls (
    -- 128 random bits in base64url, as all ids here.
    id TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 in base64url, as all hashes here.
    admin_token_hash TEXT NOT NULL,
    -- Counts the changes.
    version BIGINT NOT NULL,
    -- The version of the last change of what is in this table.
    described_version BIGINT NOT NULL,
    -- The version of the last change after which only a whole poll can be read, and no difference.
    reset_version BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    location TEXT NOT NULL,
    -- JSON: what it asks about.
    layout TEXT NOT NULL,
    visibility TEXT NOT NULL,
    deadline_us BIGINT,
    meeting_starts_at_us BIGINT,
    meeting_ends_at_us BIGINT,
    -- How many participants have come so far, and how many there are.
    participants_ever BIGINT NOT NULL,
    participants BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    deleted_at_us BIGINT
);

CREATE INDEX polls_deleted ON polls (deleted_at_us) WHERE deleted_at_us IS NOT NULL;

CREATE TABLE participants (
    poll_id TEXT NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
    -- In the order in which they came, from 1.
    number BIGINT NOT NULL,
    id TEXT NOT NULL,
    edit_token_hash TEXT NOT NULL,
    -- The poll's version of the last change of the participant or their answer.
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    email TEXT,
    -- As people.address_key; whoever is a stored person has theirs.
    address_key TEXT,
    required BIGINT NOT NULL,
    -- JSON: rules without a level.
    working_hours TEXT NOT NULL,
    PRIMARY KEY (poll_id, number),
    UNIQUE (poll_id, id),
    UNIQUE (poll_id, edit_token_hash)
);

CREATE INDEX participants_address_key ON participants (address_key) WHERE address_key IS NOT NULL;

CREATE TABLE answers (
    poll_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- The poll's version to whose slots the bitmaps belong.
    version BIGINT NOT NULL,
    answered_at_us BIGINT NOT NULL,
    from_schedule BIGINT NOT NULL,
    -- For a poll over dates: bitmaps of the poll's slots in base64url.
    yes TEXT,
    if_needed TEXT,
    -- The slots that were asked about; NULL: all that the poll asks about.
    asked TEXT,
    -- For a weekly poll, JSON: the rules and their zone.
    weekly TEXT,
    PRIMARY KEY (poll_id, number),
    FOREIGN KEY (poll_id, number) REFERENCES participants (poll_id, number) ON DELETE CASCADE
);

-- Whoever replaces the hours of the week replaces the weekly rules; the version before knows nothing of them.
CREATE FUNCTION replace_weekly_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE schedules SET weekly = NULL WHERE person_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER replace_weekly_rules AFTER UPDATE OF availabilities ON people FOR EACH ROW
    EXECUTE FUNCTION replace_weekly_rules();

-- Nothing of a person stays when they are deleted but the name that they gave to a poll.
CREATE FUNCTION forget_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE participants SET email = NULL, address_key = NULL WHERE address_key = OLD.address_key;
    RETURN NULL;
END
$$;

CREATE TRIGGER forget_address AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION forget_address();
