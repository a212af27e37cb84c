UPDATE @journal@migration_runs
SET result = CAST($2 AS pg_catalog.text), error = CAST($3 AS pg_catalog.text), finished_at = pg_catalog.clock_timestamp()
WHERE id OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
