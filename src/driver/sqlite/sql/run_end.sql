-- A run ends.
UPDATE main.@journal@migration_runs SET result = ?2, error = ?3, finished_at = whimbrel_time(0)
WHERE id = ?1
