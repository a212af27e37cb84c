-- The histories that were taken over.
SELECT DISTINCT plan FROM main.@journal@migration_runs WHERE project = ?1 AND command = 'adopt' ORDER BY plan
