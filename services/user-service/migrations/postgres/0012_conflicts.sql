-- When an answer from the schedule says that somebody can come, and their schedule or a calendar says by now that they
-- cannot: JSON as replies have it. NULL: never.
ALTER TABLE answers ADD COLUMN conflicts TEXT;

-- Nothing of a person stays when they are deleted but the name that they gave to a poll.
CREATE OR REPLACE FUNCTION forget_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM meeting_replies USING participants
    WHERE meeting_replies.poll_id = participants.poll_id AND meeting_replies.number = participants.number
        AND participants.address_key = OLD.address_key;
    UPDATE answers SET conflicts = NULL FROM participants
    WHERE answers.conflicts IS NOT NULL AND answers.poll_id = participants.poll_id
        AND answers.number = participants.number AND participants.address_key = OLD.address_key;
    UPDATE participants SET email = NULL, address_key = NULL WHERE address_key = OLD.address_key;
    RETURN NULL;
END
$$;
