-- What participants' calendars have answered to the meeting of a poll. A decision removes all answers to the one before.
CREATE TABLE meeting_replies (
    poll_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- accepted, declined or tentative.
    status TEXT NOT NULL,
    -- What was said of the meeting when they answered, and when they did by their own clock: of two answers the later one
    -- by both counts.
    sequence BIGINT NOT NULL,
    stamp_us BIGINT NOT NULL,
    replied_at_us BIGINT NOT NULL,
    proposal_starts_at_us BIGINT,
    proposal_ends_at_us BIGINT,
    comment TEXT,
    PRIMARY KEY (poll_id, number),
    FOREIGN KEY (poll_id, number) REFERENCES participants (poll_id, number) ON DELETE CASCADE
);

-- Keys that the service has made for itself.
CREATE TABLE service_keys (
    name TEXT NOT NULL PRIMARY KEY,
    -- In base64url.
    value TEXT NOT NULL
);

-- Nothing of a person stays when they are deleted but the name that they gave to a poll.
DROP TRIGGER forget_address;
CREATE TRIGGER forget_address AFTER DELETE ON people
BEGIN
    DELETE FROM meeting_replies WHERE EXISTS (
        SELECT 1 FROM participants WHERE participants.poll_id = meeting_replies.poll_id
            AND participants.number = meeting_replies.number AND participants.address_key = OLD.address_key);
    UPDATE participants SET email = NULL, address_key = NULL WHERE address_key = OLD.address_key;
END;
