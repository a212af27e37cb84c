SELECT plan
FROM @journal@migration_runs
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND command OPERATOR(pg_catalog.=) CAST('adopt' AS pg_catalog.text)
GROUP BY plan
ORDER BY plan COLLATE pg_catalog."C"
