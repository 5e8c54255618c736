-- SHA-256 of the Idempotency-Key with which a participant came; NULL for whoever came without one.
ALTER TABLE participants ADD COLUMN join_key_hash TEXT;
CREATE UNIQUE INDEX participants_join_key ON participants (poll_id, join_key_hash) WHERE join_key_hash IS NOT NULL;
