-- Runs that never ended.
UPDATE main.@journal@migration_runs SET result = 'interrupted', finished_at = whimbrel_time(0)
WHERE project = ?1 AND finished_at IS NULL
