-- Runs that never ended.
UPDATE main.@journal@migration_runs SET result = 'interrupted', finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
WHERE project = ?1 AND finished_at IS NULL
