-- Lets a database that has a thousand people and one answered poll, made by the services, have many of both: the others
-- are like these, with ids, addresses and tokens of their own. What is in braces is put in by fill.rs.
-- Polls are stored in the order of their ids, which is no order: a poll's neighbours are polls of any size and age.
SET session_replication_role = replica; -- No foreign key is checked: there is none that could not be right.

-- 128 bits in base64url.
CREATE FUNCTION pg_temp.text_id(seed TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(rtrim(encode(decode(md5(seed), 'hex'), 'base64'), '='), '+/', '-_')
$$;
CREATE FUNCTION pg_temp.token_hash(token TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(rtrim(encode(sha256(convert_to(token, 'UTF8')), 'base64'), '='), '+/', '-_')
$$;

CREATE TEMPORARY TABLE example_people AS SELECT row_number() OVER (ORDER BY email_key) AS place, people.* FROM people;

INSERT INTO people (email_key, email, availabilities, preference, created_at_us, id, address_key)
SELECT upper(address), address, availabilities, preference, at_us, person_id(at_us), address
FROM (
    SELECT 'someone.' || n || '@example.com' AS address, availabilities, preference, created_at_us - n * 30000000 AS at_us
    FROM generate_series(1, {people} - (SELECT COUNT(*) FROM people)) AS n
    JOIN example_people ON place = 1 + n % (SELECT COUNT(*) FROM example_people)
) AS more;

CREATE TEMPORARY TABLE example_participants AS SELECT * FROM participants;
CREATE TEMPORARY TABLE example_answers AS SELECT * FROM answers;
CREATE TABLE measured_polls AS
SELECT n, pg_temp.text_id('poll ' || n) AS id, size, day
FROM unnest('{sizes}'::BIGINT[], '{days}'::BIGINT[]) WITH ORDINALITY AS more (size, day, n);
CREATE UNIQUE INDEX ON measured_polls (n);
ANALYZE;

INSERT INTO polls (id, admin_token_hash, version, described_version, reset_version, title, description, location, layout,
    visibility, participants_ever, participants, created_at_us, last_at_us)
SELECT more.id, pg_temp.token_hash(more.id), version, described_version, reset_version, title, description, location, layout,
    visibility, size, size, created_at_us - (n % 52) * 604800000000 + day * 86400000000, last_at_us
FROM measured_polls AS more, polls ORDER BY more.id;

INSERT INTO participants (poll_id, number, id, edit_token_hash, version, name, time_zone, required, working_hours)
SELECT more.id, n, pg_temp.text_id(more.id || '/' || n), pg_temp.token_hash(pg_temp.text_id(more.id || '-' || n)), version,
    'Person ' || n, time_zone, required, working_hours
FROM (SELECT id, size FROM measured_polls ORDER BY id) AS more, generate_series(1, size) AS n
JOIN example_participants ON number = 1 + n % (SELECT COUNT(*) FROM example_participants);

INSERT INTO answers (poll_id, number, version, answered_at_us, from_schedule, yes, if_needed)
SELECT more.id, n, version, answered_at_us, from_schedule, yes, if_needed
FROM (SELECT id, size FROM measured_polls ORDER BY id) AS more, generate_series(1, size) AS n
JOIN example_answers ON number = 1 + n % (SELECT COUNT(*) FROM example_answers);
