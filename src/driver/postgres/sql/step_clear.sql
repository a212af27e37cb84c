DELETE FROM @journal@migration_steps
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
  AND direction OPERATOR(pg_catalog.=) CAST($3 AS pg_catalog.text)
