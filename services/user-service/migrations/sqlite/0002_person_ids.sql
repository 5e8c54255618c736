-- Gives people an id, and the address as it identifies them. The version before can still use the file: it reads and
-- writes by email_key, which stays until the next release, and triggers add what it does not know of.
CREATE TABLE people_with_ids (
    -- UUID version 7 with the instant of creation.
    id TEXT NOT NULL PRIMARY KEY DEFAULT (printf(
        '%08x-%04x-7%03x-%04x-%012x',
        CAST(unixepoch('subsec') * 1000 AS INTEGER) >> 16, CAST(unixepoch('subsec') * 1000 AS INTEGER) & 65535,
        random() & 4095, 32768 | (random() & 16383), random() & 281474976710655
    )),
    -- The address with its local part in NFC and lower case (of ASCII letters alone), and its domain as in DNS.
    -- NULL while it has not been computed; the person's own id where another person has the address.
    address_key TEXT UNIQUE,
    email_key TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    -- JSON: all seven days from Monday, each with its start hours sorted and unique.
    availabilities TEXT NOT NULL,
    preference TEXT NOT NULL CHECK (preference IN ('first', 'last', 'random')),
    -- Microseconds since 1970-01-01T00:00:00Z.
    created_at_us BIGINT NOT NULL
);

INSERT INTO people_with_ids
    SELECT
        printf(
            '%08x-%04x-7%03x-%04x-%012x',
            created_at_us / 1000 >> 16, created_at_us / 1000 & 65535,
            random() & 4095, 32768 | (random() & 16383), random() & 281474976710655
        ),
        -- With other letters than ASCII it takes rules that the database does not have.
        CASE WHEN length(CAST(email AS BLOB)) = length(email) THEN lower(email) END,
        email_key, email, availabilities, preference, created_at_us
    FROM people;

DROP TABLE people;
ALTER TABLE people_with_ids RENAME TO people;

CREATE TRIGGER complete_new_person AFTER INSERT ON people
    WHEN NEW.address_key IS NULL AND length(CAST(NEW.email AS BLOB)) = length(NEW.email)
BEGIN
    UPDATE people SET address_key =
        CASE WHEN EXISTS (SELECT 1 FROM people WHERE address_key = lower(NEW.email)) THEN id ELSE lower(NEW.email) END
        WHERE id = NEW.id;
END;

CREATE TRIGGER complete_changed_person AFTER UPDATE OF email ON people
    WHEN NEW.email <> OLD.email AND NEW.address_key IS OLD.address_key
BEGIN
    UPDATE people SET address_key = CASE
            WHEN length(CAST(NEW.email AS BLOB)) <> length(NEW.email) THEN NULL
            WHEN EXISTS (SELECT 1 FROM people WHERE address_key = lower(NEW.email) AND id <> NEW.id) THEN id
            ELSE lower(NEW.email)
        END
        WHERE id = NEW.id;
END;
