-- Everybody has an id by now: those of before were given theirs between the two migrations, a few thousand at a time,
-- and a trigger gives one to whoever the version before stores.
ALTER TABLE people
    ALTER COLUMN id SET NOT NULL,
    DROP CONSTRAINT people_pkey,
    ADD CONSTRAINT people_pkey PRIMARY KEY USING INDEX people_id;
