-- Counts the changes of a person's hours, schedule and calendars, whoever makes them. Meetings that were decided are
-- no part of it: these follow from the polls.
ALTER TABLE people ADD COLUMN time_version BIGINT NOT NULL DEFAULT 0;

CREATE FUNCTION count_change_of_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.time_version := OLD.time_version + 1;
    RETURN NEW;
END
$$;

CREATE TRIGGER count_change_of_hours BEFORE UPDATE OF availabilities ON people FOR EACH ROW
    EXECUTE FUNCTION count_change_of_hours();

CREATE FUNCTION count_change_of_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE people SET time_version = time_version + 1
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.person_id ELSE NEW.person_id END;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_change_of_schedule AFTER INSERT OR UPDATE OR DELETE ON schedules FOR EACH ROW
    EXECUTE FUNCTION count_change_of_time();
-- Busy times come and go with the calendar that they belong to.
CREATE TRIGGER count_change_of_calendars AFTER INSERT OR UPDATE OR DELETE ON calendars FOR EACH ROW
    EXECUTE FUNCTION count_change_of_time();
