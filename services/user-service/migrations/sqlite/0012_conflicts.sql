-- When an answer from the schedule says that somebody can come, and their schedule or a calendar says by now that they
-- cannot: JSON as replies have it. NULL: never.
ALTER TABLE answers ADD COLUMN conflicts TEXT;

-- Nothing of a person stays when they are deleted but the name that they gave to a poll.
DROP TRIGGER forget_address;
CREATE TRIGGER forget_address AFTER DELETE ON people
BEGIN
    DELETE FROM meeting_replies WHERE EXISTS (
        SELECT 1 FROM participants WHERE participants.poll_id = meeting_replies.poll_id
            AND participants.number = meeting_replies.number AND participants.address_key = OLD.address_key);
    UPDATE answers SET conflicts = NULL WHERE conflicts IS NOT NULL
        AND (poll_id, number) IN (SELECT poll_id, number FROM participants WHERE address_key = OLD.address_key);
    UPDATE participants SET email = NULL, address_key = NULL WHERE address_key = OLD.address_key;
END;
