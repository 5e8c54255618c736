-- Counts the changes of a person's hours, schedule and calendars, whoever makes them. Meetings that were decided are
-- no part of it: these follow from the polls.
ALTER TABLE people ADD COLUMN time_version BIGINT NOT NULL DEFAULT 0;

CREATE TRIGGER count_change_of_hours AFTER UPDATE OF availabilities ON people
BEGIN
    UPDATE people SET time_version = time_version + 1 WHERE id = NEW.id;
END;

CREATE TRIGGER count_new_schedule AFTER INSERT ON schedules
BEGIN
    UPDATE people SET time_version = time_version + 1 WHERE id = NEW.person_id;
END;

CREATE TRIGGER count_changed_schedule AFTER UPDATE ON schedules
BEGIN
    UPDATE people SET time_version = time_version + 1 WHERE id = NEW.person_id;
END;

CREATE TRIGGER count_removed_schedule AFTER DELETE ON schedules
BEGIN
    UPDATE people SET time_version = time_version + 1 WHERE id = OLD.person_id;
END;

-- Busy times come and go with the calendar that they belong to.
CREATE TRIGGER count_new_calendar AFTER INSERT ON calendars
BEGIN
    UPDATE people SET time_version = time_version + 1 WHERE id = NEW.person_id;
END;

CREATE TRIGGER count_changed_calendar AFTER UPDATE ON calendars
BEGIN
    UPDATE people SET time_version = time_version + 1 WHERE id = NEW.person_id;
END;

CREATE TRIGGER count_removed_calendar AFTER DELETE ON calendars
BEGIN
    UPDATE people SET time_version = time_version + 1 WHERE id = OLD.person_id;
END;
