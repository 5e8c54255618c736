-- Gives people an id, and the address as it identifies them. The version before may run beside this one: it reads and
-- writes by email_key, which stays until the next release, and triggers add what it does not know of.
CREATE UNIQUE INDEX people_email_key ON people (email_key);

ALTER TABLE people
    -- UUID version 7 with the instant of creation.
    ADD COLUMN id TEXT,
    -- The address with its local part in NFC and lower case (of ASCII letters alone), and its domain as in DNS.
    -- NULL while it has not been computed; the person's own id where another person has the address.
    ADD COLUMN address_key TEXT;

CREATE UNIQUE INDEX people_id ON people (id);
CREATE UNIQUE INDEX people_address_key ON people (address_key);

CREATE FUNCTION person_id(created_at_us BIGINT) RETURNS TEXT LANGUAGE sql AS $$
    SELECT encode(
        set_bit(set_bit(overlay(
            uuid_send(gen_random_uuid()) PLACING substring(int8send(created_at_us / 1000) FROM 3) FROM 1 FOR 6
        ), 52, 1), 53, 1),
        'hex')::uuid::text
$$;

CREATE FUNCTION complete_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.id := coalesce(NEW.id, person_id(NEW.created_at_us));
    NEW.address_key := CASE
        -- With other letters than ASCII it takes rules that the database does not have.
        WHEN octet_length(NEW.email) <> length(NEW.email) THEN NULL
        WHEN EXISTS (
            SELECT 1 FROM people WHERE address_key = lower(NEW.email COLLATE "C") AND id <> NEW.id
        ) THEN NEW.id
        ELSE lower(NEW.email COLLATE "C")
    END;
    RETURN NEW;
END
$$;

CREATE TRIGGER complete_new_person BEFORE INSERT ON people FOR EACH ROW
    WHEN (NEW.address_key IS NULL)
    EXECUTE FUNCTION complete_person();

CREATE TRIGGER complete_changed_person BEFORE UPDATE OF email ON people FOR EACH ROW
    WHEN (NEW.email <> OLD.email AND NEW.address_key IS NOT DISTINCT FROM OLD.address_key)
    EXECUTE FUNCTION complete_person();

-- Where the two versions have different keys in the cache, each has to drop the other's entry too.
CREATE FUNCTION note_stale_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stale_keys (email_key, mark)
        VALUES (OLD.email_key, gen_random_uuid()::text), (upper(OLD.address_key COLLATE "C"), gen_random_uuid()::text)
        ON CONFLICT (email_key) DO UPDATE SET mark = excluded.mark;
    RETURN NULL;
END
$$;

CREATE TRIGGER note_stale_person AFTER UPDATE OR DELETE ON people FOR EACH ROW
    WHEN (OLD.email_key <> upper(OLD.address_key COLLATE "C"))
    EXECUTE FUNCTION note_stale_person();
