-- When the poll is to be announced as closed; NULL where it has no deadline, or was announced already.
ALTER TABLE polls ADD COLUMN close_due_us BIGINT;
UPDATE polls SET close_due_us = deadline_us WHERE deadline_us IS NOT NULL;
CREATE INDEX polls_close_due ON polls (close_due_us) WHERE close_due_us IS NOT NULL;
