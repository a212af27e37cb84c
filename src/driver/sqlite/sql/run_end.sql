-- A run ends.
UPDATE main.@journal@migration_runs SET result = ?2, error = ?3, finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
WHERE id = ?1
