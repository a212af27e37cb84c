DELETE FROM @journal@migration_dependencies
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
