-- The last instant that a poll is about, after which it is kept for some days more. NULL until that is computed, where a release
-- before has made the poll.
ALTER TABLE polls ADD COLUMN last_at_us BIGINT;
-- For how many days the organiser wants it kept; NULL: as long as the installation keeps polls.
ALTER TABLE polls ADD COLUMN keep_days BIGINT;
CREATE INDEX polls_by_last_instant ON polls (last_at_us) WHERE deleted_at_us IS NULL;
CREATE INDEX polls_kept_shorter ON polls ((last_at_us + keep_days * 86400000000)) WHERE keep_days IS NOT NULL AND deleted_at_us IS NULL;
