SELECT version, depends_on
FROM @journal@migration_dependencies
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
ORDER BY version, depends_on
