-- Polls are closed and purged by jobs from here on: at deadlines, and in the full hour after a poll can no longer be restored.
INSERT INTO job_orders (id, kind, payload, case_id, due_at_us)
SELECT 'close/' || id || '/' || close_due_us, 'close', '{"until_us":' || close_due_us || '}', 'migration-15', close_due_us + 1000000
FROM polls WHERE close_due_us IS NOT NULL;

INSERT INTO job_orders (id, kind, payload, case_id, due_at_us)
SELECT DISTINCT 'purge/' || hour_us, 'purge', '{"until_us":' || hour_us || '}', 'migration-15', hour_us
FROM (
    SELECT ((deleted_at_us + 604800000000) / 3600000000 + 1) * 3600000000 AS hour_us
    FROM polls WHERE deleted_at_us IS NOT NULL
) AS hours;
