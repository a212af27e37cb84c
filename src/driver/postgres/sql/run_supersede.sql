UPDATE @journal@migration_runs
SET result = 'interrupted', finished_at = pg_catalog.clock_timestamp()
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND finished_at IS NULL
